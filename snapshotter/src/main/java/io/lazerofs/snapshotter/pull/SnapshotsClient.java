package io.lazerofs.snapshotter.pull;

import io.grpc.Status;
import io.grpc.StatusException;
import io.lazerofs.snapshotter.proto.CommitSnapshotRequest;
import io.lazerofs.snapshotter.proto.Mount;
import io.lazerofs.snapshotter.proto.PrepareSnapshotRequest;
import io.lazerofs.snapshotter.proto.RemoveSnapshotRequest;
import io.lazerofs.snapshotter.proto.SnapshotsGrpc;
import io.lazerofs.snapshotter.proto.StatSnapshotRequest;
import io.lazerofs.source.Digest;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One snapshotter, as containerd offers it to its clients. */
final class SnapshotsClient {
  private static final Logger LOG = LoggerFactory.getLogger(SnapshotsClient.class);

  private final ContainerdClient client;
  private final Lease lease;
  private final String snapshotter;

  SnapshotsClient(ContainerdClient client, Lease lease, String snapshotter) {
    this.client = client;
    this.lease = lease;
    this.snapshotter = snapshotter;
  }

  /** Whether there is a snapshot called {@code chainId}. */
  boolean exists(Digest chainId) throws IOException {
    try {
      stub()
          .stat(
              StatSnapshotRequest.newBuilder()
                  .setSnapshotter(snapshotter)
                  .setKey(chainId.toString())
                  .build());
      return true;
    } catch (StatusException e) {
      if (e.getStatus().getCode() == Status.Code.NOT_FOUND) {
        return false;
      }
      throw client.failure("looking for snapshot " + chainId, e);
    }
  }

  /**
   * Asks for an active snapshot to unpack a layer on.
   *
   * @param parent the chain id below, or empty for the lowest layer
   * @return where to unpack, or empty when the snapshotter says that it has the layer already
   */
  Optional<List<Mount>> prepare(String key, Optional<Digest> parent, Map<String, String> labels)
      throws IOException {
    PrepareSnapshotRequest request =
        PrepareSnapshotRequest.newBuilder()
            .setSnapshotter(snapshotter)
            .setKey(key)
            .setParent(parent.map(Digest::toString).orElse(""))
            .putAllLabels(labels)
            .build();
    try {
      return Optional.of(stub().prepare(request).getMountsList());
    } catch (StatusException e) {
      if (e.getStatus().getCode() == Status.Code.ALREADY_EXISTS) {
        return Optional.empty();
      }
      throw client.failure("snapshotter " + snapshotter, e);
    }
  }

  /** Makes an active snapshot the layer {@code chainId}; one that was there already is as good. */
  void commit(String key, Digest chainId) throws IOException {
    CommitSnapshotRequest request =
        CommitSnapshotRequest.newBuilder()
            .setSnapshotter(snapshotter)
            .setKey(key)
            .setName(chainId.toString())
            .build();
    try {
      stub().commit(request);
    } catch (StatusException e) {
      if (e.getStatus().getCode() != Status.Code.ALREADY_EXISTS) {
        throw client.failure("committing snapshot " + chainId, e);
      }
      remove(key);
    }
  }

  /** Removes an active snapshot that came to nothing. */
  void remove(String key) {
    try {
      stub()
          .remove(
              RemoveSnapshotRequest.newBuilder().setSnapshotter(snapshotter).setKey(key).build());
    } catch (StatusException e) {
      LOG.warn("snapshot {} is left behind: {}", key, e.getMessage());
    }
  }

  private SnapshotsGrpc.SnapshotsBlockingV2Stub stub() {
    return SnapshotsGrpc.newBlockingV2Stub(lease.channel());
  }
}
