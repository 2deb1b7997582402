package io.lazerofs.snapshotter.mount;

import io.lazerofs.snapshotter.store.Kind;
import io.lazerofs.snapshotter.store.Labels;
import io.lazerofs.snapshotter.store.LayerRecord;
import io.lazerofs.snapshotter.store.LayerRecord.Owner;
import io.lazerofs.snapshotter.store.Level;
import io.lazerofs.snapshotter.store.Removed;
import io.lazerofs.snapshotter.store.Snapshot;
import io.lazerofs.snapshotter.store.SnapshotException;
import io.lazerofs.snapshotter.store.SnapshotException.AlreadyExists;
import io.lazerofs.snapshotter.store.SnapshotException.FailedPrecondition;
import io.lazerofs.snapshotter.store.SnapshotException.InvalidArgument;
import io.lazerofs.snapshotter.store.SnapshotException.Unavailable;
import io.lazerofs.snapshotter.store.SnapshotKey;
import io.lazerofs.snapshotter.store.SnapshotStore;
import io.lazerofs.snapshotter.store.Transaction;
import io.lazerofs.snapshotter.store.Usage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A snapshotter as containerd specifies it (core/snapshots/snapshotter.go): snapshots on record,
 * their files on the disk, and the lazy layers in the mount, kept in step.
 *
 * <p>Safe for use by many threads. Only {@link #prepare} of a remote layer waits for a network, and
 * holds nothing while it does.
 */
public final class Snapshotter {
  private static final Logger log = LoggerFactory.getLogger(Snapshotter.class);
  private static final String ALL_LABELS = "labels";
  private static final String ONE_LABEL = "labels.";

  private final SnapshotStore store;
  private final StateDirectory directory;
  private final LazyLayers layers;
  private final OverlayMounts overlay;
  private final LayerStorage storage;

  public Snapshotter(
      SnapshotStore store,
      StateDirectory directory,
      LazyLayers layers,
      OverlayMounts overlay,
      LayerStorage storage) {
    this.store = store;
    this.directory = directory;
    this.layers = layers;
    this.overlay = overlay;
    this.storage = storage;
  }

  /**
   * Makes an active snapshot and returns how it is mounted. When the labels name a remote layer
   * that can be served lazily, makes the committed snapshot of that layer instead.
   *
   * @throws AlreadyExists when the key is in use, or the remote layer is there
   * @throws SnapshotException.NotFound when the parent does not exist
   * @throws InvalidArgument when the parent is not committed, or labels or key cannot be recorded
   * @throws FailedPrecondition when this kernel cannot mount it
   * @throws Unavailable when the registry that has the layer does not answer
   */
  public List<Mount> prepare(String key, Optional<String> parent, Map<String, String> labels)
      throws SnapshotException, IOException {
    SnapshotKey.requireValid(key);
    Labels.requireValid(labels);
    String target = labels.getOrDefault(Labels.TARGET, "");
    if (!target.isEmpty() && layers.commit(target, parent, labels)) {
      throw new AlreadyExists(target);
    }
    return create(Kind.ACTIVE, key, parent, labels);
  }

  /** Makes a view and returns how it is mounted; throws as {@link #prepare} does. */
  public List<Mount> view(String key, Optional<String> parent, Map<String, String> labels)
      throws SnapshotException, IOException {
    return create(Kind.VIEW, key, parent, labels);
  }

  /**
   * Returns how an active snapshot or a view is mounted.
   *
   * @throws SnapshotException.NotFound when there is none of that key
   * @throws FailedPrecondition when it is committed, or when its directory, or one that it stands
   *     on, is missing
   * @throws Unavailable when a layer of it could not be opened after a restart
   */
  public List<Mount> mounts(String key) throws SnapshotException, IOException {
    Stack stack = store.transact(transaction -> Stack.of(transaction, transaction.get(key)));
    if (stack.snapshot.kind() == Kind.COMMITTED) {
      throw new FailedPrecondition(
          "snapshot \"" + key + "\" is committed, and mounted only through a view");
    }
    if (stack.snapshot.layer().isEmpty()) {
      requireFiles(stack.snapshot.id());
    }
    awaitUsable(stack.ancestors);
    return overlay.of(stack.snapshot, stack.ancestors);
  }

  /**
   * Turns an active snapshot into a committed one; throws as {@link Transaction#commit} does.
   *
   * @param parent the parent to stand on from now on, if another than before
   */
  public void commit(String key, String name, Optional<String> parent, Map<String, String> labels)
      throws SnapshotException, IOException {
    Snapshot active = stat(key);
    Usage usage = active.kind() == Kind.ACTIVE ? writtenTo(active) : Usage.NONE;
    store.transact(transaction -> transaction.commit(key, name, parent, labels, usage));
  }

  /**
   * Removes a snapshot and its files.
   *
   * @throws SnapshotException.NotFound when there is none
   * @throws FailedPrecondition when it has children
   */
  public void remove(String key) throws SnapshotException, IOException {
    Removed removed = layers.remove(key);
    Optional<Path> retired = directory.retire(removed.id());
    if (retired.isPresent()) {
      try {
        directory.delete(retired.get());
      } catch (IOException e) {
        log.warn("snapshot {}: {} is left for the next cleanup", key, retired.get(), e);
      }
    }
  }

  /** Returns a snapshot. */
  public Snapshot stat(String key) throws SnapshotException, IOException {
    return store.transact(transaction -> transaction.get(key));
  }

  /**
   * Changes labels.
   *
   * @param labels the values; one that is absent or empty removes the label
   * @param paths which labels to change, "labels" for all or "labels.NAME"; all when empty
   * @return the snapshot as it is afterwards
   * @throws InvalidArgument when a path names something else
   */
  public Snapshot update(String key, Map<String, String> labels, List<String> paths)
      throws SnapshotException, IOException {
    return store.transact(transaction -> {
      Map<String, String> updated = new HashMap<>(transaction.get(key).labels());
      for (String path : paths.isEmpty() ? List.of(ALL_LABELS) : paths) {
        if (path.equals(ALL_LABELS)) {
          updated.clear();
          updated.putAll(labels);
        } else if (path.startsWith(ONE_LABEL)) {
          String name = path.substring(ONE_LABEL.length());
          updated.put(name, labels.getOrDefault(name, ""));
        } else {
          throw new InvalidArgument(
              "\"%s\" of snapshot \"%s\" cannot be changed".formatted(path, key));
        }
      }
      return transaction.relabel(key, updated);
    });
  }

  /** Returns the snapshots that a filter chooses, in the order of their making. */
  public List<Snapshot> list(Predicate<Snapshot> filter) throws SnapshotException, IOException {
    return store.transact(Transaction::list).snapshots().stream().filter(filter).toList();
  }

  /**
   * Returns what a snapshot without its parents takes on this machine's disk: the files written to
   * it, or what is present of its lazy layer.
   */
  public Usage usage(String key) throws SnapshotException, IOException {
    Snapshot snapshot = stat(key);
    if (snapshot.layer().isPresent()) {
      return layers.usage(snapshot.layer().get());
    }
    return switch (snapshot.kind()) {
      case ACTIVE -> writtenTo(snapshot);
      case COMMITTED -> store.transact(transaction -> transaction.usage(snapshot));
      case VIEW -> Usage.NONE;
    };
  }

  private Usage writtenTo(Snapshot active) throws IOException {
    return FileTree.usage(directory.files(active.id()));
  }

  /** Deletes what removed snapshots left behind: their files, and bytes of layers. */
  public void cleanup() throws SnapshotException, IOException {
    directory.deleteRetired();
    // A layer that comes on record after this is open until then, so its bytes are not at risk.
    storage.keepOnly(store.transact(transaction -> transaction.layers().readable()));
  }

  private List<Mount> create(
      Kind kind, String key, Optional<String> parent, Map<String, String> labels)
      throws SnapshotException, IOException {
    if (parent.isPresent()) {
      awaitParent(parent.get());
    }
    return store.transact(transaction -> {
      Stack created = Stack.of(transaction, transaction.create(kind, key, parent, labels));
      List<Mount> mounts = overlay.of(created.snapshot, created.ancestors);
      directory.create(created.snapshot.id(), kind, owner(transaction, created));
      return mounts;
    });
  }

  /** A snapshot and what it stands on, its parent first. */
  private record Stack(Snapshot snapshot, List<Level> ancestors) {
    static Stack of(Transaction transaction, Snapshot snapshot) throws IOException {
      List<Level> chain = transaction.chain(snapshot);
      return new Stack(snapshot, chain.subList(1, chain.size()));
    }
  }

  private void awaitParent(String parent) throws SnapshotException, IOException {
    List<Level> chain = store.transact(transaction -> transaction.chain(transaction.get(parent)));
    try {
      awaitUsable(chain);
    } catch (Unavailable e) {
      // It may have been removed meanwhile: then that is the answer, and trying again is no use.
      var _ = stat(parent);
      throw e;
    }
  }

  private void awaitUsable(List<Level> levels) throws SnapshotException {
    for (Level level : levels) {
      if (level.layer().isPresent()) {
        layers.awaitServed(level.layer().get());
      } else {
        requireFiles(level.id());
      }
    }
  }

  private void requireFiles(long id) throws FailedPrecondition {
    if (!directory.hasFiles(id)) {
      throw new FailedPrecondition("snapshot number " + id + ": " + directory.missing(id));
    }
  }

  /**
   * Returns whom the root directory of an upper belongs to: the root of the container, or if that
   * is nobody else than the machine's, the owner of the parent's root directory.
   */
  private Owner owner(Transaction transaction, Stack stack) throws SnapshotException, IOException {
    Optional<IdMapping> mapping = IdMapping.of(stack.snapshot.labels());
    if (mapping.isPresent()) {
      return mapping.get().root();
    }
    if (stack.ancestors.isEmpty()) {
      return directory.owner();
    }
    Level parent = stack.ancestors.getFirst();
    if (parent.layer().isEmpty()) {
      return directory.owner(parent.id());
    }
    return transaction
        .layers()
        .find(parent.layer().get())
        .map(LayerRecord::owner)
        .orElseThrow(() -> new IOException("no layer " + parent.layer().get() + " is on record"));
  }
}
