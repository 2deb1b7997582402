package io.lazerofs.snapshotter.mount;

import io.lazerofs.fetcher.logging.LogScope;
import io.lazerofs.layers.LayerTable;
import io.lazerofs.snapshotter.convert.BadVerityAnnotationException;
import io.lazerofs.snapshotter.convert.VerityAnnotations;
import io.lazerofs.snapshotter.mount.LayerSource.Answer;
import io.lazerofs.snapshotter.store.Labels;
import io.lazerofs.snapshotter.store.LayerRecord;
import io.lazerofs.snapshotter.store.Removed;
import io.lazerofs.snapshotter.store.SnapshotException;
import io.lazerofs.snapshotter.store.SnapshotException.Unavailable;
import io.lazerofs.snapshotter.store.SnapshotStore;
import io.lazerofs.snapshotter.store.Transaction;
import io.lazerofs.snapshotter.store.Usage;
import io.lazerofs.source.Digest;
import io.lazerofs.verity.VerityRoot;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;

/**
 * The lazy layers: which there are, on record and in the mount, kept in step. A blob is one layer,
 * however many snapshots use it; it goes with the last of them.
 *
 * <p>Safe for use by many threads.
 */
public final class LazyLayers implements AutoCloseable {
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

  /**
   * A snapshot that is off the record.
   *
   * @param close closes the layer that went with it, if one did
   */
  private record Gone(Removed removed, Runnable close) {}

  /** Requests that wait for each other: those for one blob from one image. */
  private record Opening(Digest blob, String image) {}

  private final SnapshotStore store;
  private final LayerSource source;
  private final Fallbacks fallbacks;
  private final LayerListener listener;
  private final SetAside setAside;
  private final OpenLayers open;
  private final KeyedLocks<Opening> openings = new KeyedLocks<>();

  /**
   * @param table what the mount shows
   * @param listener is told of each layer
   * @param setAside is told of layers that cannot be opened
   * @param executor opens layers that are on record; its tasks may wait for a network
   */
  public LazyLayers(
      SnapshotStore store,
      LayerSource source,
      LayerTable table,
      Fallbacks fallbacks,
      LayerListener listener,
      SetAside setAside,
      Executor executor) {
    this.store = store;
    this.source = source;
    this.fallbacks = fallbacks;
    this.listener = listener;
    this.setAside = setAside;
    this.open = new OpenLayers(store, source, table, listener, setAside, executor);
  }

  /**
   * Says that the mount can be used; until then nobody is given a layer of it.
   *
   * @param quiesce returns when every request that was being answered at the call has been answered
   */
  public void mounted(Runnable quiesce) {
    open.mounted(quiesce);
  }

  /**
   * Lets requests for a layer on record wait until it is open; to be called before the mount serves
   * any. A mount that outlived its daemon has readers already.
   */
  public void expectAll() throws SnapshotException, IOException {
    open.expect(store.transact(transaction -> transaction.layers().indexes()));
  }

  /**
   * Begins to open all layers on record. One that cannot be opened is set aside, and is tried again
   * when a snapshot needs it.
   */
  public void recover() throws SnapshotException, IOException {
    open.recover(store.transact(transaction -> transaction.layers().indexes()));
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
    if (parent.isEmpty() && !labels.getOrDefault(Labels.PARENT_CHAIN_ID, "").isEmpty()) {
      fallbacks.count(
          Fallback.WITHOUT_PARENT, digest, "take \"rebase\" out of containerd's proxy plug-in");
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
    if (verity.isPresent()) {
      listener.requested(labels);
    }
    Remote remote = new Remote(target, parent, labels, blob, verity, image);
    try (LogScope scope = LogScope.layer(blob, image);
        var held = openings.hold(new Opening(blob, image))) {
      Optional<LayerRecord> known = source.accepts(verity) ? recordKnown(remote) : Optional.empty();
      boolean lazy = known.isPresent() ? hasTreeOf(known.get(), remote) : openNow(remote);
      if (lazy) {
        listener.prepared(blob, labels);
      }
      return lazy;
    }
  }

  private boolean openNow(Remote remote) throws SnapshotException, IOException {
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
    try {
      Known known = open.exclusively(() -> recordAndShow(remote, opened));
      shown = known.added;
      return known.layer;
    } finally {
      if (!shown) {
        opened.close();
      }
    }
  }

  private Known recordAndShow(Remote remote, OpenLayer opened)
      throws SnapshotException, IOException {
    Known known = store.transact(transaction -> recordOpened(transaction, remote, opened));
    if (known.added) {
      open.show(known.layer, opened);
    }
    return known;
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
  Removed remove(String key) throws SnapshotException, IOException {
    Gone gone =
        open.exclusively(() -> {
          Removed removed = store.transact(transaction -> transaction.remove(key));
          return new Gone(removed, removed.released().map(open::release).orElse(() -> {}));
        });
    gone.close.run();
    setAside.remove(Recovery.name(key));
    return gone.removed;
  }

  /**
   * Waits until a layer on record is in the mount.
   *
   * @throws Unavailable when it cannot be opened
   */
  void awaitServed(int index) throws Unavailable {
    var _ = open.awaitServed(index);
  }

  /** Returns what is on this disk of a layer: one file, as far as it is present. */
  Usage usage(int index) throws Unavailable {
    return new Usage(open.awaitServed(index).present().getAsLong(), 1);
  }

  /** Returns how many layers are in the mount whose bytes have not been verified. */
  public int unverified() {
    return (int) open.open().stream().filter(layer -> !layer.verified().getAsBoolean()).count();
  }

  /** Closes all layers. The mount must be gone. */
  @Override
  public void close() {
    open.close();
  }
}
