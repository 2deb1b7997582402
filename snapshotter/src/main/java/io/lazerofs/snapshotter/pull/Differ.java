package io.lazerofs.snapshotter.pull;

import io.grpc.StatusException;
import io.lazerofs.fetcher.registry.Descriptor;
import io.lazerofs.snapshotter.proto.Mount;
import io.lazerofs.snapshotter.proto.diff.ApplyRequest;
import io.lazerofs.snapshotter.proto.diff.DiffGrpc;
import io.lazerofs.source.Digest;
import java.io.IOException;
import java.util.List;

/** containerd's differ, which unpacks layers. */
final class Differ {
  private final ContainerdClient client;
  private final Lease lease;

  Differ(ContainerdClient client, Lease lease) {
    this.client = client;
    this.lease = lease;
  }

  /** Unpacks a layer of the content store onto mounts; returns the digest of its unpacked bytes. */
  Digest apply(Descriptor layer, List<Mount> mounts) throws IOException {
    ApplyRequest request =
        ApplyRequest.newBuilder()
            .setDiff(
                io.lazerofs.snapshotter.proto.Descriptor.newBuilder()
                    .setMediaType(layer.mediaType())
                    .setDigest(layer.digest().toString())
                    .setSize(layer.size())
                    .putAllAnnotations(layer.annotations()))
            .addAllMounts(mounts)
            .build();
    try {
      var applied = DiffGrpc.newBlockingV2Stub(lease.channel()).apply(request).getApplied();
      return Digest.parse(applied.getDigest());
    } catch (StatusException e) {
      throw client.failure("unpacking layer " + layer.digest(), e);
    } catch (IllegalArgumentException e) {
      throw new IOException("containerd: unpacking layer " + layer.digest() + " gave no digest", e);
    }
  }
}
