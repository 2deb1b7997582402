package io.lazerofs.layers;

import io.lazerofs.dio.DirectIoSettings;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The layers that are served, by index and by name. Safe for use by many threads; reads take no
 * lock.
 */
public final class LayerTable {
  private final InstantSource clock;
  private final DirectIoSettings directIo;
  private final RecentFiles files = RecentFiles.ofServer();
  // Copied for each change: changes are rare, and each read sees the table as it was at one time.
  private volatile Snapshot snapshot;

  /** Layers of the table that are not open yet, by name. */
  private final Map<String, ExpectedLayer> expected = new ConcurrentHashMap<>();

  /** Opens a layer, which then is in the table. */
  @FunctionalInterface
  public interface Opener {
    /**
     * Returns when the layer of an index is in the table; waits for others who open it.
     *
     * @throws IOException when it cannot be opened now
     */
    void open(int index) throws IOException;
  }

  /** A layer and the file system that serves it. */
  record Served(Layer layer, ImageFileSystem files) {}

  /**
   * The table between two changes; what it consists of is never changed.
   *
   * @param byIndex ends with the last layer; each node id leads here, so it is an array
   * @param changed later than in any snapshot before
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  private record Snapshot(Map<String, Served> byName, @Nullable Served[] byIndex, Instant changed) {
    @Nullable Served at(int index) {
      return index < byIndex.length ? byIndex[index] : null;
    }
  }

  /**
   * Makes an empty table.
   *
   * @param clock tells when a layer comes or goes
   * @param directIo how the layers' files are read with O_DIRECT
   */
  public LayerTable(InstantSource clock, DirectIoSettings directIo) {
    this.clock = clock;
    this.directIo = directIo;
    snapshot = new Snapshot(Map.of(), new Served[0], clock.instant());
  }

  /**
   * Adds a layer, which is served at once.
   *
   * @throws IllegalArgumentException when its index or its name is taken
   */
  public synchronized void add(Layer layer) {
    Snapshot old = snapshot;
    if (old.at(layer.index()) != null || old.byName.containsKey(layer.name())) {
      throw new IllegalArgumentException(
          "layer index " + layer.index() + " or name " + layer.name() + " is taken");
    }
    Served served = new Served(layer, ImageFileSystem.layer(layer, directIo, files));
    Map<String, Served> byName = new HashMap<>(old.byName);
    byName.put(layer.name(), served);
    int length = Math.max(old.byIndex.length, layer.index() + 1);
    @Nullable Served[] byIndex = Arrays.copyOf(old.byIndex, length);
    byIndex[layer.index()] = served;
    change(byName, byIndex);
    forget(layer.index());
  }

  /**
   * Makes requests for a layer wait that is not in the table yet. What asks for it opens it, and
   * gets an error when that fails; the next one tries again.
   *
   * @param name its directory in the root
   */
  public synchronized void expect(int index, String name, Opener opener) {
    if (snapshot.at(index) == null) {
      expected.put(name, new ExpectedLayer(index, opener));
    }
  }

  /** Expects a layer no more that cannot come. */
  public synchronized void forget(int index) {
    expected.values().removeIf(layer -> layer.index() == index);
  }

  /** Returns the layer of an index that is expected. */
  Optional<ExpectedLayer> expectedAt(int index) {
    return expected.values().stream().filter(layer -> layer.index() == index).findFirst();
  }

  /** Returns the layer of a name that is expected. */
  Optional<ExpectedLayer> expectedAs(String name) {
    return Optional.ofNullable(expected.get(name));
  }

  /** Returns a layer that is expected and that nobody has tried to open. */
  Optional<ExpectedLayer> untried() {
    return expected.values().stream().filter(layer -> !layer.wasTried()).findFirst();
  }

  /**
   * Removes a layer. It must be in use no more: whoever still holds a node of it gets errors.
   *
   * @return the layer, or empty when there is none of that index
   */
  public synchronized Optional<Layer> remove(int index) {
    forget(index);
    Snapshot old = snapshot;
    Served gone = old.at(index);
    if (gone == null) {
      return Optional.empty();
    }
    Map<String, Served> byName = new HashMap<>(old.byName);
    byName.remove(gone.layer().name());
    @Nullable Served[] byIndex = old.byIndex.clone();
    byIndex[index] = null;
    int length = byIndex.length;
    while (length > 0 && byIndex[length - 1] == null) {
      length--;
    }
    change(byName, Arrays.copyOf(byIndex, length));
    files.forget(gone.files());
    return Optional.of(gone.layer());
  }

  /** Returns how the layers' files are read with O_DIRECT. */
  DirectIoSettings directIo() {
    return directIo;
  }

  /** Returns the layer of an index. */
  public Optional<Layer> byIndex(int index) {
    return Optional.ofNullable(servedAt(index)).map(Served::layer);
  }

  /** Returns the layer of a name. */
  public Optional<Layer> byName(String name) {
    return servedAs(name).map(Served::layer);
  }

  /** Returns all layers, by index. */
  public List<Layer> layers() {
    return from(0).map(Served::layer).toList();
  }

  /** Returns the layer of an index, at least 0, if there is one; allocates nothing. */
  @Nullable Served servedAt(int index) {
    return snapshot.at(index);
  }

  Optional<Served> servedAs(String name) {
    return Optional.ofNullable(snapshot.byName.get(name));
  }

  /** Returns the layers from an index on, by index. */
  Stream<Served> from(int index) {
    return Arrays.stream(snapshot.byIndex).skip(index).filter(Objects::nonNull);
  }

  int size() {
    return snapshot.byName.size();
  }

  /** Returns when a layer came or went last; another time for each change. */
  Instant changed() {
    return snapshot.changed;
  }

  private void change(Map<String, Served> byName, @Nullable Served[] byIndex) {
    Instant now = clock.instant();
    Instant next = snapshot.changed.plusNanos(1);
    snapshot = new Snapshot(byName, byIndex, now.isAfter(next) ? now : next);
  }
}
