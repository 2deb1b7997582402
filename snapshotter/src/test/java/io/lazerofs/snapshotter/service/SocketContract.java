package io.lazerofs.snapshotter.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.FieldMask;
import com.google.protobuf.Timestamp;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.lazerofs.snapshotter.mount.FakeLayers;
import io.lazerofs.snapshotter.mount.TestSnapshotter;
import io.lazerofs.snapshotter.proto.CommitSnapshotRequest;
import io.lazerofs.snapshotter.proto.Info;
import io.lazerofs.snapshotter.proto.ListSnapshotsRequest;
import io.lazerofs.snapshotter.proto.Mount;
import io.lazerofs.snapshotter.proto.MountsRequest;
import io.lazerofs.snapshotter.proto.PrepareSnapshotRequest;
import io.lazerofs.snapshotter.proto.RemoveSnapshotRequest;
import io.lazerofs.snapshotter.proto.SnapshotsGrpc;
import io.lazerofs.snapshotter.proto.StatSnapshotRequest;
import io.lazerofs.snapshotter.proto.UpdateSnapshotRequest;
import io.lazerofs.snapshotter.proto.UsageRequest;
import io.lazerofs.snapshotter.proto.UsageResponse;
import io.lazerofs.snapshotter.proto.ViewSnapshotRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A snapshotter without mounts, and a client on its socket that asks as containerd does. */
abstract class SocketContract {
  @TempDir Path directory;

  final FakeLayers remote = new FakeLayers();
  TestSnapshotter parts;
  private SocketServer server;
  private TestSocket socket;
  SnapshotsGrpc.SnapshotsBlockingStub snapshots;

  @BeforeEach
  void serve() throws IOException {
    parts = new TestSnapshotter(directory.resolve("root"), remote);
    Path path = directory.resolve("run/test.sock");
    server = SocketServer.start(path, List.of(new SnapshotsService(() -> parts.snapshotter)));
    socket = new TestSocket(path);
    snapshots = SnapshotsGrpc.newBlockingStub(socket.channel());
  }

  @AfterEach
  void stop() throws IOException {
    socket.close();
    server.close();
    parts.close();
  }

  final Path files(long id, String kind) {
    return directory.resolve("root/s").resolve(Long.toString(id)).resolve(kind);
  }

  final List<Mount> prepare(String key, String parent) {
    return prepare(key, parent, Map.of());
  }

  final List<Mount> prepare(String key, String parent, Map<String, String> labels) {
    return snapshots
        .prepare(
            PrepareSnapshotRequest.newBuilder()
                .setKey(key)
                .setParent(parent)
                .putAllLabels(labels)
                .build())
        .getMountsList();
  }

  final List<Mount> view(String key, String parent) {
    return view(key, parent, Map.of());
  }

  final List<Mount> view(String key, String parent, Map<String, String> labels) {
    return snapshots
        .view(
            ViewSnapshotRequest.newBuilder()
                .setKey(key)
                .setParent(parent)
                .putAllLabels(labels)
                .build())
        .getMountsList();
  }

  final List<Mount> mounts(String key) {
    return snapshots.mounts(MountsRequest.newBuilder().setKey(key).build()).getMountsList();
  }

  final void commit(String key, String name) {
    commit(key, name, "", Map.of());
  }

  final void commit(String key, String name, String parent, Map<String, String> labels) {
    snapshots.commit(
        CommitSnapshotRequest.newBuilder()
            .setKey(key)
            .setName(name)
            .setParent(parent)
            .putAllLabels(labels)
            .build());
  }

  final void commitNew(String name, String parent) {
    commitNew(name, parent, Map.of());
  }

  final void commitNew(String name, String parent, Map<String, String> labels) {
    prepare("preparing " + name, parent);
    commit("preparing " + name, name, "", labels);
  }

  final void remove(String key) {
    snapshots.remove(RemoveSnapshotRequest.newBuilder().setKey(key).build());
  }

  final Info stat(String key) {
    return snapshots.stat(StatSnapshotRequest.newBuilder().setKey(key).build()).getInfo();
  }

  final Info update(String key, Map<String, String> labels, String... paths) {
    return snapshots
        .update(
            UpdateSnapshotRequest.newBuilder()
                .setInfo(Info.newBuilder().setName(key).putAllLabels(labels))
                .setUpdateMask(FieldMask.newBuilder().addAllPaths(List.of(paths)))
                .build())
        .getInfo();
  }

  final List<Info> list(String... filters) {
    List<Info> all = new ArrayList<>();
    snapshots
        .list(ListSnapshotsRequest.newBuilder().addAllFilters(List.of(filters)).build())
        .forEachRemaining(message -> all.addAll(message.getInfoList()));
    return all;
  }

  final UsageResponse usage(String key) {
    return snapshots.usage(UsageRequest.newBuilder().setKey(key).build());
  }

  static List<String> names(Collection<Info> infos) {
    return infos.stream().map(Info::getName).toList();
  }

  static Instant time(Timestamp timestamp) {
    return Instant.ofEpochSecond(timestamp.getSeconds(), timestamp.getNanos());
  }

  static void assertFails(Status.Code code, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            StatusRuntimeException.class, e -> assertThat(e.getStatus().getCode()).isEqualTo(code));
  }
}
