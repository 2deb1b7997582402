package io.lazerofs.it.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.lazerofs.snapshotter.proto.CleanupRequest;
import io.lazerofs.snapshotter.proto.CommitSnapshotRequest;
import io.lazerofs.snapshotter.proto.Info;
import io.lazerofs.snapshotter.proto.ListSnapshotsRequest;
import io.lazerofs.snapshotter.proto.Mount;
import io.lazerofs.snapshotter.proto.MountsRequest;
import io.lazerofs.snapshotter.proto.PrepareSnapshotRequest;
import io.lazerofs.snapshotter.proto.RemoveSnapshotRequest;
import io.lazerofs.snapshotter.proto.SnapshotsGrpc;
import io.lazerofs.snapshotter.proto.StatSnapshotRequest;
import io.lazerofs.snapshotter.proto.UsageRequest;
import io.lazerofs.snapshotter.proto.UsageResponse;
import io.lazerofs.snapshotter.proto.ViewSnapshotRequest;
import io.lazerofs.snapshotter.rpc.SocketClient;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/**
 * The snapshots of a daemon, asked for over its socket as containerd does. A call that is refused
 * throws {@link StatusRuntimeException}.
 */
public final class Snapshots implements AutoCloseable {
  private final SocketClient client;
  private final SnapshotsGrpc.SnapshotsBlockingStub calls;

  private Snapshots(SocketClient client) {
    this.client = client;
    // A daemon that was killed and started again is found again.
    this.calls = SnapshotsGrpc.newBlockingStub(client.channel()).withWaitForReady();
  }

  /** Connects to the daemon that serves a socket. */
  public static Snapshots at(Path socket) throws IOException {
    return new Snapshots(SocketClient.of("snapshotter", socket));
  }

  /** Holds that a call is refused with this code, and returns nothing else of it. */
  public static void assertRefused(Status.Code code, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            StatusRuntimeException.class, e -> assertThat(e.getStatus().getCode()).isEqualTo(code));
  }

  public List<Mount> prepare(String key, String parent, Map<String, String> labels) {
    return calls
        .prepare(
            PrepareSnapshotRequest.newBuilder()
                .setKey(key)
                .setParent(parent)
                .putAllLabels(labels)
                .build())
        .getMountsList();
  }

  /** Prepares a layer of a registry, and holds that it is served lazily. */
  public void prepareLazily(String name, String parent, RegistryBlobs.Blob blob) {
    Map<String, String> labels =
        Map.of(
            "containerd.io/snapshot.ref", name,
            "containerd.io/snapshot/cri.layer-digest", blob.digest().toString(),
            "containerd.io/snapshot/cri.image-ref", blob.image());
    assertRefused(Status.Code.ALREADY_EXISTS, () -> prepare("extract " + name, parent, labels));
  }

  public List<Mount> view(String key, String parent) {
    return calls
        .view(ViewSnapshotRequest.newBuilder().setKey(key).setParent(parent).build())
        .getMountsList();
  }

  public List<Mount> mounts(String key) {
    return calls.mounts(MountsRequest.newBuilder().setKey(key).build()).getMountsList();
  }

  public void commit(String key, String name, String parent) {
    var _ =
        calls.commit(
            CommitSnapshotRequest.newBuilder().setKey(key).setName(name).setParent(parent).build());
  }

  public void remove(String key) {
    var _ = calls.remove(RemoveSnapshotRequest.newBuilder().setKey(key).build());
  }

  public Info stat(String key) {
    return calls.stat(StatSnapshotRequest.newBuilder().setKey(key).build()).getInfo();
  }

  public UsageResponse usage(String key) {
    return calls.usage(UsageRequest.newBuilder().setKey(key).build());
  }

  public List<Info> list() {
    List<Info> all = new ArrayList<>();
    calls
        .list(ListSnapshotsRequest.getDefaultInstance())
        .forEachRemaining(message -> all.addAll(message.getInfoList()));
    return all;
  }

  public void cleanup() {
    var _ = calls.cleanup(CleanupRequest.getDefaultInstance());
  }

  /** Removes every snapshot, children before what they stand on. */
  public void removeAll() {
    list().reversed().forEach(snapshot -> remove(snapshot.getName()));
  }

  @Override
  public void close() {
    client.close();
  }
}
