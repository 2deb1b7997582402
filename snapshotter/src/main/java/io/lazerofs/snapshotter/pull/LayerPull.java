package io.lazerofs.snapshotter.pull;

import io.lazerofs.fetcher.registry.Descriptor;
import io.lazerofs.fetcher.registry.ImageConfig;
import io.lazerofs.fetcher.registry.ImageLocation;
import io.lazerofs.fetcher.registry.Manifest;
import io.lazerofs.snapshotter.convert.BadVerityAnnotationException;
import io.lazerofs.snapshotter.convert.LayerMediaType;
import io.lazerofs.snapshotter.convert.VerityAnnotations;
import io.lazerofs.snapshotter.progress.Progress;
import io.lazerofs.snapshotter.proto.Mount;
import io.lazerofs.source.Digest;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Makes the layers of one image snapshots: lazily, or by download and unpacking. */
record LayerPull(
    ImageLocation source,
    ContentStore content,
    SnapshotsClient snapshots,
    Differ differ,
    Labels labels,
    Progress progress) {

  /**
   * Makes the snapshot of one layer; that of the layer below exists.
   *
   * @param name for the active snapshot, used by no other client
   */
  void pull(
      Digest manifestDigest,
      Manifest manifest,
      ImageConfig config,
      List<Digest> chainIds,
      int index,
      String name)
      throws IOException {
    Descriptor layer = manifest.layers().get(index);
    Digest chainId = chainIds.get(index);
    try (Progress.Task task =
        progress.start("layer " + layer.digest().hex().substring(0, 12), layer.size())) {
      if (snapshots.exists(chainId)) {
        task.done("is there already");
        return;
      }
      String key = name + " " + chainId;
      var mounts =
          snapshots.prepare(
              key,
              index == 0 ? Optional.empty() : Optional.of(chainIds.get(index - 1)),
              Labels.ofSnapshot(
                  source.toString(), manifestDigest, manifest.layers(), index, chainId));
      if (mounts.isPresent()) {
        unpack(layer, config.diffIds().get(index), chainId, key, mounts.get(), task);
        task.done("downloaded and unpacked");
      } else if (snapshots.exists(chainId)) {
        task.done("is loaded lazily");
      } else {
        throw new IOException(
            "snapshotter: says that it has layer %s, and knows no snapshot %s"
                .formatted(layer.digest(), chainId));
      }
    }
  }

  /** Returns what may be why an EROFS layer is not loaded lazily. */
  private static String suspected(Descriptor layer) {
    try {
      return VerityAnnotations.of(layer).isPresent()
          ? "its log says why"
          : "its log says why; the layer has no hash tree, and verify = \"require\" needs one";
    } catch (BadVerityAnnotationException e) {
      return String.valueOf(e.getMessage());
    }
  }

  private void unpack(
      Descriptor layer,
      Digest diffId,
      Digest chainId,
      String key,
      List<Mount> mounts,
      Progress.Task task)
      throws IOException {
    boolean committed = false;
    try {
      if (LayerMediaType.isErofs(layer.mediaType())) {
        throw new IOException(
            "layer %s: the snapshotter does not load it lazily (%s), and containerd cannot unpack it"
                .formatted(layer, suspected(layer)));
      }
      if (!content.contains(layer.digest())) {
        source
            .store()
            .readWhole(
                layer,
                blob ->
                    content.put(layer.digest(), layer.size(), blob, labels.ofLayer(diffId), task));
      }
      Digest unpacked = differ.apply(layer, mounts);
      if (!unpacked.equals(diffId)) {
        throw new IOException(
            "layer %s: unpacks to %s, but the image's configuration has the diff id %s"
                .formatted(layer, unpacked, diffId));
      }
      snapshots.commit(key, chainId);
      committed = true;
    } finally {
      if (!committed) {
        snapshots.remove(key);
      }
    }
  }
}
