package io.lazerofs.layers;

import io.lazerofs.dio.DirectIoSettings;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The layers that are served, by index and by name. Safe for use by many threads; reads take no
 * lock.
 */
public final class LayerTable {
  private final InstantSource clock;
  private final DirectIoSettings directIo;
  // Copied for each change: changes are rare, and each read sees the table as it was at one time.
  private volatile Snapshot snapshot;

  /** A layer and the file system that serves it. */
  record Served(Layer layer, ImageFileSystem files) {}

  /**
   * The table between two changes; its maps are never changed.
   *
   * @param changed later than in any snapshot before
   */
  private record Snapshot(
      Map<String, Served> byName, SortedMap<Integer, Served> byIndex, Instant changed) {}

  /**
   * Makes an empty table.
   *
   * @param clock tells when a layer comes or goes
   * @param directIo how the layers' files are read with O_DIRECT
   */
  public LayerTable(InstantSource clock, DirectIoSettings directIo) {
    this.clock = clock;
    this.directIo = directIo;
    snapshot = new Snapshot(Map.of(), new TreeMap<>(), clock.instant());
  }

  /**
   * Adds a layer, which is served at once.
   *
   * @throws IllegalArgumentException when its index or its name is taken
   */
  public synchronized void add(Layer layer) {
    Snapshot old = snapshot;
    if (old.byIndex.containsKey(layer.index()) || old.byName.containsKey(layer.name())) {
      throw new IllegalArgumentException(
          "layer index " + layer.index() + " or name " + layer.name() + " is taken");
    }
    Served served = new Served(layer, ImageFileSystem.layer(layer, directIo));
    change((byName, byIndex) -> {
      byName.put(layer.name(), served);
      byIndex.put(layer.index(), served);
    });
  }

  /**
   * Removes a layer. It must be in use no more: whoever still holds a node of it gets errors.
   *
   * @return the layer, or empty when there is none of that index
   */
  public synchronized Optional<Layer> remove(int index) {
    Optional<Layer> layer = byIndex(index);
    layer.ifPresent(gone ->
        change((byName, byIndex) -> {
          byName.remove(gone.name());
          byIndex.remove(index);
        }));
    return layer;
  }

  /** Returns how the layers' files are read with O_DIRECT. */
  DirectIoSettings directIo() {
    return directIo;
  }

  /** Returns the layer of an index. */
  public Optional<Layer> byIndex(int index) {
    return servedAt(index).map(Served::layer);
  }

  /** Returns the layer of a name. */
  public Optional<Layer> byName(String name) {
    return servedAs(name).map(Served::layer);
  }

  /** Returns all layers, by index. */
  public List<Layer> layers() {
    return snapshot.byIndex.values().stream().map(Served::layer).toList();
  }

  Optional<Served> servedAt(int index) {
    return Optional.ofNullable(snapshot.byIndex.get(index));
  }

  Optional<Served> servedAs(String name) {
    return Optional.ofNullable(snapshot.byName.get(name));
  }

  /** Returns the layers from an index on, by index. */
  Iterable<Served> from(int index) {
    return snapshot.byIndex.tailMap(index).values();
  }

  int size() {
    return snapshot.byIndex.size();
  }

  /** Returns when a layer came or went last; another time for each change. */
  Instant changed() {
    return snapshot.changed;
  }

  private interface Change {
    void make(Map<String, Served> byName, Map<Integer, Served> byIndex);
  }

  private void change(Change change) {
    Map<String, Served> byName = new HashMap<>(snapshot.byName);
    SortedMap<Integer, Served> byIndex = new TreeMap<>(snapshot.byIndex);
    change.make(byName, byIndex);
    Instant now = clock.instant();
    Instant next = snapshot.changed.plusNanos(1);
    snapshot = new Snapshot(byName, byIndex, now.isAfter(next) ? now : next);
  }
}
