package io.lazerofs.snapshotter.mount;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lazerofs.snapshotter.RamDirectory;
import io.lazerofs.snapshotter.mount.SnapshotModel.Entry;
import io.lazerofs.snapshotter.store.CrashPoint;
import io.lazerofs.snapshotter.store.Kind;
import io.lazerofs.snapshotter.store.Labels;
import io.lazerofs.snapshotter.store.LayerRecord;
import io.lazerofs.snapshotter.store.Snapshot;
import io.lazerofs.snapshotter.store.SnapshotException;
import io.lazerofs.source.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Ten thousand random calls, with crashes between them and at every {@link CrashPoint} within,
 * against a {@link SnapshotModel}: a call that a crash ended is done or was never made, and nothing
 * is left on the disk, on record or open that the model does not have.
 */
class SnapshotterRandomTest {
  private static final int CALLS = 10_000;
  private static final int KEYS = 12;
  private static final int BLOBS = 5;

  @TempDir(factory = RamDirectory.class)
  private Path root;

  /** The process ends here. */
  private static final class Crash extends Error {
    private static final long serialVersionUID = 1L;
  }

  /** A call of the snapshotter, and what the model makes of it. */
  private record Call(String words, Real real, Modelled modelled) {
    @FunctionalInterface
    interface Real {
      void run() throws SnapshotException, IOException;
    }

    @FunctionalInterface
    interface Modelled {
      Set<Class<? extends SnapshotException>> refusals(SnapshotModel model);
    }
  }

  private final CountedLayers source = new CountedLayers();
  private final Map<CrashPoint, Integer> crashes = new TreeMap<>();
  private final Map<Integer, LayerRecord> lastOfIndex = new HashMap<>();
  private SnapshotModel model = new SnapshotModel();
  private final Thread caller = Thread.currentThread();
  private Random random = new Random();
  private TestSnapshotter parts;

  /** Where the next crash comes, if one does. */
  private Optional<CrashPoint> armed = Optional.empty();

  /** How often that point is passed before. */
  private int passes;

  @BeforeEach
  void open() throws IOException {
    parts = new TestSnapshotter(root, source, this::reached);
  }

  @AfterEach
  void close() throws IOException {
    parts.close();
    assertThat(source.open()).as("layers that are open after the end").isZero();
  }

  @Test
  @Timeout(120)
  void whatIsOnRecordAndOnDiskIsWhatTheCallsMadeWhateverCrashesCameBetween() throws Exception {
    long seed = Long.getLong("lazerofs.seed", new Random().nextLong());
    System.out.println("seed " + seed + " (again: -Dlazerofs.seed=" + seed + ")");
    random = new Random(seed);
    for (int i = 0; i < CALLS; i++) {
      arm();
      Call call = next();
      perform("seed %d, call %d: %s".formatted(seed, i, call.words), call);
      if (random.nextInt(200) == 0) {
        restart();
      }
      if (random.nextInt(20) == 0) {
        compare("seed %d, after call %d: %s".formatted(seed, i, call.words));
      }
    }
    compare("seed %d, at the end".formatted(seed));
    assertThat(crashes.keySet()).as("seed %d", seed).containsExactly(CrashPoint.values());
  }

  private void arm() {
    CrashPoint point = CrashPoint.values()[random.nextInt(CrashPoint.values().length)];
    armed = random.nextInt(12) == 0 ? Optional.of(point) : Optional.empty();
    // Most calls make several transactions, and the last one changes something.
    passes = point == CrashPoint.CHANGED || point == CrashPoint.COMMITTED ? random.nextInt(4) : 0;
  }

  private void reached(CrashPoint point) {
    // What is done beside the calls only reads.
    if (Thread.currentThread() == caller && armed.equals(Optional.of(point)) && passes-- == 0) {
      crashes.merge(point, 1, Integer::sum);
      throw new Crash();
    }
  }

  /** Makes a call and holds its outcome against the model's. */
  private void perform(String what, Call call) throws Exception {
    SnapshotModel before = model.copy();
    Set<Class<? extends SnapshotException>> refusals = call.modelled.refusals(model);
    try {
      call.real.run();
      armed = Optional.empty();
      assertThat(refusals).as(what).isEmpty();
    } catch (SnapshotException refusal) {
      armed = Optional.empty();
      assertThat(refusals).as("%s: %s", what, refusal.getMessage()).contains(refusal.getClass());
    } catch (Crash crash) {
      restart();
      if (entries().equals(before.entries())) {
        model = before;
      }
      compare(what + ", and a crash");
    }
  }

  private void restart() throws Exception {
    armed = Optional.empty();
    close();
    open();
    parts.recover();
  }

  private Call next() {
    String key = pick("key-", KEYS);
    Optional<String> parent = random.nextInt(3) == 0 ? Optional.empty() : Optional.of(any());
    Map<String, String> labels = random.nextBoolean() ? Map.of() : Map.of("l", pick("v", 3));
    return switch (random.nextInt(16)) {
      case 0, 1 ->
          new Call(
              "Prepare %s on %s".formatted(key, parent),
              () -> parts.snapshotter.prepare(key, parent, labels),
              m -> m.create(Kind.ACTIVE, key, parent, labels));
      case 2, 3, 4 -> remote(key, parent, labels);
      case 5 ->
          new Call(
              "View %s of %s".formatted(key, parent),
              () -> parts.snapshotter.view(key, parent, labels),
              m -> m.create(Kind.VIEW, key, parent, labels));
      case 6, 7 -> commit(key, pick("name-", KEYS), labels);
      case 8, 9, 10 -> remove(any());
      case 11 -> label(any(), pick("v", 3));
      default -> question(any());
    };
  }

  private Call remote(String key, Optional<String> parent, Map<String, String> more) {
    int number = random.nextInt(KEYS);
    String target = "target-" + number;
    Digest blob = Digest.of(("blob " + number % BLOBS).getBytes(StandardCharsets.UTF_8));
    Map<String, String> labels = new HashMap<>(more);
    labels.put(Labels.TARGET, target);
    labels.put(Labels.LAYER_DIGEST, blob.toString());
    labels.put(Labels.IMAGE, "registry.test/image:" + random.nextInt(3));
    return new Call(
        "Prepare %s on %s".formatted(target, parent),
        () -> parts.snapshotter.prepare(key, parent, labels),
        m -> m.createRemote(target, parent, labels, blob));
  }

  private Call commit(String key, String name, Map<String, String> labels) {
    return new Call(
        "Commit %s as %s".formatted(key, name),
        () -> parts.snapshotter.commit(key, name, Optional.empty(), labels),
        m -> m.commit(key, name, labels));
  }

  private Call remove(String key) {
    return new Call("Remove " + key, () -> parts.snapshotter.remove(key), m -> m.remove(key));
  }

  private Call label(String key, String value) {
    return new Call(
        "Update " + key,
        () -> parts.snapshotter.update(key, Map.of("l", value), List.of("labels.l")),
        m -> m.label(key, "l", value));
  }

  private Call question(String key) {
    return switch (random.nextInt(5)) {
      case 0 -> new Call("Mounts " + key, () -> parts.snapshotter.mounts(key), m -> m.mounts(key));
      case 1 -> new Call("Usage " + key, () -> parts.snapshotter.usage(key), m -> m.absent(key));
      case 2 -> new Call("List", () -> parts.snapshotter.list(any -> true), m -> Set.of());
      case 3 -> new Call("Cleanup", () -> parts.snapshotter.cleanup(), m -> Set.of());
      default -> new Call("Stat " + key, () -> parts.snapshotter.stat(key), m -> m.absent(key));
    };
  }

  /** Returns a key, mostly of a snapshot that there is. */
  private String any() {
    List<String> names = model.names();
    return names.isEmpty() || random.nextInt(10) == 0
        ? pick("key-", KEYS)
        : names.get(random.nextInt(names.size()));
  }

  private String pick(String prefix, int count) {
    return prefix + random.nextInt(count);
  }

  private void compare(String when) throws Exception {
    assertThat(entries()).as(when).isEqualTo(model.entries());
    parts.snapshotter.cleanup();
    assertThat(directories()).as("directories, %s", when).isEqualTo(numbers());
    assertThat(parts.setAside.lines()).as(when).isEmpty();
    compareLayers(when);
  }

  private void compareLayers(String when) throws Exception {
    List<LayerRecord> layers = parts.store.transact(t -> t.layers().readable());
    assertThat(layers).as(when).extracting(LayerRecord::blob).doesNotHaveDuplicates();
    assertThat(layers.stream().map(LayerRecord::blob).collect(Collectors.toSet()))
        .as("layers, %s", when)
        .isEqualTo(model.blobs());
    for (LayerRecord layer : layers) {
      parts.layers.awaitServed(layer.index());
      LayerRecord last = lastOfIndex.put(layer.index(), layer);
      if (last != null && !last.blob().equals(layer.blob())) {
        assertThat(layer.generation()).as(when).isGreaterThan(last.generation());
      }
    }
    assertThat(parts.table.layers()).as(when).hasSameSizeAs(layers);
    await(when)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(1))
        .untilAsserted(() -> assertThat(source.open()).isEqualTo(layers.size()));
  }

  private Map<String, Entry> entries() throws Exception {
    Map<Integer, Digest> blobs =
        parts.store.transact(t -> t.layers().readable()).stream()
            .collect(Collectors.toMap(LayerRecord::index, LayerRecord::blob));
    return parts.snapshotter.list(any -> true).stream()
        .collect(
            Collectors.toMap(
                Snapshot::key,
                snapshot -> Entry.of(snapshot, snapshot.layer().map(blobs::get)),
                (one, two) -> one,
                TreeMap::new));
  }

  /** Returns the names of the directories that there have to be. */
  private Set<String> numbers() throws Exception {
    return parts.snapshotter.list(snapshot -> snapshot.layer().isEmpty()).stream()
        .map(snapshot -> Long.toString(snapshot.id()))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private Set<String> directories() throws IOException {
    try (Stream<Path> directories = Files.list(root.resolve("s"))) {
      return directories
          .map(directory -> directory.getFileName().toString())
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }
}
