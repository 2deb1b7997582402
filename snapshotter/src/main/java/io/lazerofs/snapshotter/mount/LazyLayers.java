package io.lazerofs.snapshotter.mount;

import io.lazerofs.layers.Layer;
import io.lazerofs.layers.LayerTable;
import io.lazerofs.snapshotter.convert.BadVerityAnnotationException;
import io.lazerofs.snapshotter.convert.VerityAnnotations;
import io.lazerofs.snapshotter.mount.LayerSource.Answer;
import io.lazerofs.snapshotter.store.Labels;
import io.lazerofs.snapshotter.store.LayerRecord;
import io.lazerofs.snapshotter.store.Snapshot;
import io.lazerofs.snapshotter.store.SnapshotException;
import io.lazerofs.snapshotter.store.SnapshotException.Unavailable;
import io.lazerofs.snapshotter.store.SnapshotStore;
import io.lazerofs.snapshotter.store.Transaction;
import io.lazerofs.snapshotter.store.Usage;
import io.lazerofs.source.Digest;
import io.lazerofs.verity.VerityRoot;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The lazy layers: which there are, on record and in the mount, kept in step. A blob is one layer,
 * however many snapshots use it; it goes with the last of them.
 *
 * <p>Safe for use by many threads.
 */
public final class LazyLayers implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(LazyLayers.class);

  /** What one Prepare of a remote layer asks for. */
  private record Remote(
      String target,
      Optional<String> parent,
      Map<String, String> labels,
      Digest blob,
      Optional<VerityRoot> verity,
      String image) {}

  /**
   * The layer of a blob.
   *
   * @param added whether it is on record by this transaction only
   */
  private record Known(LayerRecord layer, boolean added) {}

  /** Requests that wait for each other: those for one blob from one image. */
  private record Opening(Digest blob, String image) {}

  private final SnapshotStore store;
  private final LayerSource source;
  private final LayerTable table;
  private final Fallbacks fallbacks;
  private final LayerListener listener;
  private final Executor executor;

  private final KeyedLocks<Opening> openings = new KeyedLocks<>();

  /** Completed with what waits until no reply of the mount uses a layer that it lost before. */
  private final CompletableFuture<Runnable> mounted = new CompletableFuture<>();

  /**
   * Held while the record and the mount change together; never while anything but the local disk is
   * waited for. Taken before the store's own.
   */
  private final ReentrantLock lock = new ReentrantLock();

  /** The layers that are in the mount, or are being opened for it; guarded by the lock. */
  private final Map<Integer, CompletableFuture<OpenLayer>> slots = new HashMap<>();

  /**
   * @param table what the mount shows
   * @param listener is told of each layer
   * @param executor opens layers that are on record; its tasks may wait for a network
   */
  public LazyLayers(
      SnapshotStore store,
      LayerSource source,
      LayerTable table,
      Fallbacks fallbacks,
      LayerListener listener,
      Executor executor) {
    this.store = store;
    this.source = source;
    this.table = table;
    this.fallbacks = fallbacks;
    this.listener = listener;
    this.executor = executor;
  }

  /**
   * Says that the mount can be used; until then nobody is given a layer of it.
   *
   * @param quiesce returns when every request that was being answered at the call has been answered
   */
  public void mounted(Runnable quiesce) {
    mounted.complete(quiesce);
  }

  /**
   * Lets requests for a layer on record wait until it is open; to be called before the mount serves
   * any. A mount that outlived its daemon has readers already.
   */
  public void expectAll() throws SnapshotException, IOException {
    for (int index : store.transact(transaction -> transaction.layers().indexes())) {
      table.expect(index, Integer.toString(index), this::open);
    }
  }

  private void open(int index) throws IOException {
    try {
      slot(index).join();
    } catch (CompletionException e) {
      throw new IOException("layer %d is not served".formatted(index), e);
    }
  }

  /**
   * Begins to open all layers on record. One that cannot be opened is logged, and is tried again
   * when a snapshot needs it.
   */
  public void recover() throws SnapshotException, IOException {
    var indexes = store.transact(transaction -> transaction.layers().indexes());
    for (int index : indexes) {
      var _ = slot(index);
    }
  }

  /**
   * Makes sure that the committed snapshot of a remote layer is on record, if the layer can be
   * served lazily.
   *
   * @param target the name that it is to have
   * @return whether it is; if not, the layer has to be unpacked
   */
  boolean commit(String target, Optional<String> parent, Map<String, String> labels)
      throws SnapshotException, IOException {
    if (store.transact(transaction -> transaction.findTarget(target, parent)).isPresent()) {
      return true;
    }
    String digest = labels.getOrDefault(Labels.LAYER_DIGEST, "");
    String image = labels.getOrDefault(Labels.IMAGE, "");
    if (digest.isEmpty() || image.isEmpty()) {
      return false;
    }
    Digest blob;
    try {
      blob = Digest.parse(digest);
    } catch (IllegalArgumentException e) {
      fallbacks.count(Fallback.UNSUPPORTED_NAME, digest, "only sha256 digests are known");
      return false;
    }
    Optional<VerityRoot> verity;
    try {
      verity = VerityAnnotations.read(labels);
    } catch (BadVerityAnnotationException e) {
      fallbacks.count(Fallback.BAD_VERITY, digest, String.valueOf(e.getMessage()));
      return false;
    }
    Remote remote = new Remote(target, parent, labels, blob, verity, image);
    try (var held = openings.hold(new Opening(blob, image))) {
      Optional<LayerRecord> known = source.accepts(verity) ? recordKnown(remote) : Optional.empty();
      boolean lazy = known.isPresent() ? hasTreeOf(known.get(), remote) : open(remote);
      if (lazy) {
        listener.prepared(blob, labels);
      }
      return lazy;
    }
  }

  private boolean open(Remote remote) throws SnapshotException, IOException {
    return switch (source.open(remote.blob, remote.verity, remote.image)) {
      case Answer.Image(OpenLayer layer) -> hasTreeOf(record(remote, layer), remote);
      case Answer.Ordinary(Fallback reason, String detail) -> {
        fallbacks.count(reason, remote.blob.toString(), detail);
        yield false;
      }
    };
  }

  /**
   * Whether a layer on record has the hash tree that a request names. If not, one of the two
   * manifests is wrong, and bytes that one vouches for are not served to the other.
   */
  private boolean hasTreeOf(LayerRecord layer, Remote remote) {
    boolean same = layer.verity().equals(remote.verity);
    if (!same) {
      fallbacks.count(
          Fallback.OTHER_VERITY,
          remote.blob.toString(),
          "%s names %s, and layer %d of %s has %s"
              .formatted(
                  remote.image,
                  inWords(remote.verity),
                  layer.index(),
                  layer.images(),
                  inWords(layer.verity())));
    }
    return same;
  }

  private static String inWords(Optional<VerityRoot> verity) {
    return verity.map(root -> "the root hash " + root.hash().hex()).orElse("no hash tree");
  }

  /**
   * Records the snapshot if its blob has a layer already, with the same hash tree.
   *
   * @return the blob's layer, whatever tree it has
   */
  private Optional<LayerRecord> recordKnown(Remote remote) throws SnapshotException, IOException {
    return store.transact(transaction -> {
      Optional<LayerRecord> layer = transaction.layers().find(remote.blob);
      if (layer.isPresent()) {
        record(transaction, remote, layer.get());
      }
      return layer;
    });
  }

  /**
   * Records the snapshot and the layer, and shows the layer, unless another request did.
   *
   * @return the blob's layer, whatever tree it has
   */
  private LayerRecord record(Remote remote, OpenLayer opened)
      throws SnapshotException, IOException {
    boolean shown = false;
    lock.lock();
    try {
      Known known = store.transact(transaction -> recordOpened(transaction, remote, opened));
      if (known.added) {
        show(known.layer, opened, true);
        slots.put(known.layer.index(), CompletableFuture.completedFuture(opened));
        shown = true;
      }
      return known.layer;
    } finally {
      lock.unlock();
      if (!shown) {
        opened.close();
      }
    }
  }

  private static Known recordOpened(Transaction transaction, Remote remote, OpenLayer opened)
      throws SnapshotException, IOException {
    Optional<LayerRecord> known = transaction.layers().find(remote.blob);
    LayerRecord layer =
        known.isPresent()
            ? known.get()
            : transaction
                .layers()
                .add(
                    remote.blob,
                    opened.source().size(),
                    remote.verity,
                    opened.owner(),
                    remote.image);
    record(transaction, remote, layer);
    return new Known(layer, known.isEmpty());
  }

  private static void record(Transaction transaction, Remote remote, LayerRecord layer)
      throws SnapshotException, IOException {
    if (!layer.verity().equals(remote.verity)) {
      return;
    }
    transaction.layers().addImage(layer.index(), remote.image);
    if (transaction.findTarget(remote.target, remote.parent).isEmpty()) {
      // The same layer on another parent has the name; containerd finds this one by its label.
      String name =
          transaction.find(remote.target).isEmpty()
              ? remote.target
              : remote.target + " on " + remote.parent.orElse("nothing");
      transaction.createOfLayer(name, remote.parent, remote.labels, layer.index());
    }
  }

  /** Removes a snapshot from the record, and its layer from the mount when it was the last user. */
  Snapshot remove(String key) throws SnapshotException, IOException {
    Snapshot removed;
    Optional<CompletableFuture<OpenLayer>> released = Optional.empty();
    lock.lock();
    try {
      removed = store.transact(transaction -> transaction.remove(key));
      if (removed.layer().isPresent()) {
        int index = removed.layer().get();
        if (store.transact(transaction -> transaction.layers().find(index)).isEmpty()) {
          table.remove(index);
          released = Optional.ofNullable(slots.remove(index));
        }
      }
    } finally {
      lock.unlock();
    }
    if (released.isPresent()) {
      var _ = released.get().thenAcceptAsync(this::retire, executor);
    }
    return removed;
  }

  /** Closes a layer that is out of the table, once no reply uses its memory. */
  private void retire(OpenLayer layer) {
    listener.removed(layer);
    try {
      mounted.join().run();
    } catch (CompletionException e) {
      log.debug("a layer went that no mount had shown", e);
    }
    closeQuietly(layer);
  }

  /**
   * Waits until a layer on record is in the mount.
   *
   * @throws Unavailable when it cannot be opened
   */
  void awaitServed(int index) throws Unavailable {
    CompletableFuture<OpenLayer> slot = slot(index);
    try {
      mounted.join();
      slot.join();
    } catch (CompletionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new Unavailable(
          "layer %d is not served: %s".formatted(index, cause.getMessage()), cause);
    }
  }

  /** Returns what is on this disk of a layer: one file, as far as it is present. */
  Usage usage(int index) throws Unavailable {
    awaitServed(index);
    return new Usage(slot(index).join().present().getAsLong(), 1);
  }

  /** Returns how many layers are in the mount whose bytes have not been verified. */
  public int unverified() {
    lock.lock();
    try {
      return (int)
          slots.values().stream()
              .filter(slot -> slot.isDone() && !slot.isCompletedExceptionally())
              .filter(slot -> !slot.join().verified().getAsBoolean())
              .count();
    } finally {
      lock.unlock();
    }
  }

  /** Closes all layers. The mount must be gone. */
  @Override
  public void close() {
    mounted.completeExceptionally(new IOException("the daemon ends"));
    lock.lock();
    try {
      for (CompletableFuture<OpenLayer> slot : slots.values()) {
        slot.completeExceptionally(new IOException("the daemon ends"));
        if (!slot.isCompletedExceptionally()) {
          closeQuietly(slot.join());
        }
      }
      slots.clear();
    } finally {
      lock.unlock();
    }
  }

  /** Returns the slot of a layer on record; begins to open the layer when it has none. */
  private CompletableFuture<OpenLayer> slot(int index) {
    lock.lock();
    try {
      CompletableFuture<OpenLayer> slot = slots.get(index);
      if (slot == null) {
        CompletableFuture<OpenLayer> fresh = new CompletableFuture<>();
        slots.put(index, fresh);
        executor.execute(() -> reopen(index, fresh));
        slot = fresh;
      }
      return slot;
    } finally {
      lock.unlock();
    }
  }

  private void reopen(int index, CompletableFuture<OpenLayer> slot) {
    try {
      LayerRecord layer =
          store
              .transact(transaction -> transaction.layers().find(index))
              .orElseThrow(() -> new IOException("no layer " + index + " is on record"));
      OpenLayer opened = source.reopen(layer);
      if (!fill(slot, layer, opened)) {
        opened.close();
        throw new IOException("layer " + index + " was released while it was being opened");
      }
    } catch (IOException | SnapshotException | RuntimeException e) {
      log.error("layer {} is set aside until it is needed again: {}", index, e.getMessage());
      lock.lock();
      try {
        slots.remove(index, slot);
      } finally {
        lock.unlock();
      }
      slot.completeExceptionally(e);
    }
  }

  /** Shows an opened layer, unless it was released meanwhile. */
  private boolean fill(CompletableFuture<OpenLayer> slot, LayerRecord layer, OpenLayer opened) {
    lock.lock();
    try {
      boolean wanted = !slot.isDone() && slots.replace(layer.index(), slot, slot);
      if (wanted) {
        show(layer, opened, false);
        slot.complete(opened);
      }
      return wanted;
    } finally {
      lock.unlock();
    }
  }

  private void show(LayerRecord layer, OpenLayer opened, boolean first) {
    listener.shown(opened, first);
    table.add(
        new Layer(
            layer.index(), layer.generation(), Integer.toString(layer.index()), opened.image()));
  }

  private static void closeQuietly(OpenLayer layer) {
    try {
      layer.close();
    } catch (IOException e) {
      log.warn("a blob was not closed cleanly: {}", e.getMessage());
    }
  }
}
