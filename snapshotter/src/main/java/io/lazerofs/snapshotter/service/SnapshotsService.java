package io.lazerofs.snapshotter.service;

import com.google.protobuf.Empty;
import io.grpc.stub.StreamObserver;
import io.lazerofs.snapshotter.mount.Snapshotter;
import io.lazerofs.snapshotter.proto.CleanupRequest;
import io.lazerofs.snapshotter.proto.CommitSnapshotRequest;
import io.lazerofs.snapshotter.proto.ListSnapshotsRequest;
import io.lazerofs.snapshotter.proto.ListSnapshotsResponse;
import io.lazerofs.snapshotter.proto.MountsRequest;
import io.lazerofs.snapshotter.proto.MountsResponse;
import io.lazerofs.snapshotter.proto.PrepareSnapshotRequest;
import io.lazerofs.snapshotter.proto.PrepareSnapshotResponse;
import io.lazerofs.snapshotter.proto.RemoveSnapshotRequest;
import io.lazerofs.snapshotter.proto.SnapshotsGrpc;
import io.lazerofs.snapshotter.proto.StatSnapshotRequest;
import io.lazerofs.snapshotter.proto.StatSnapshotResponse;
import io.lazerofs.snapshotter.proto.UpdateSnapshotRequest;
import io.lazerofs.snapshotter.proto.UpdateSnapshotResponse;
import io.lazerofs.snapshotter.proto.UsageRequest;
import io.lazerofs.snapshotter.proto.UsageResponse;
import io.lazerofs.snapshotter.proto.ViewSnapshotRequest;
import io.lazerofs.snapshotter.proto.ViewSnapshotResponse;
import io.lazerofs.snapshotter.store.SnapshotException.Unavailable;
import io.lazerofs.snapshotter.store.SnapshotFilter;
import io.lazerofs.snapshotter.store.Usage;
import java.util.List;

/** containerd's snapshots service, answered by one snapshotter once that is there. */
public final class SnapshotsService extends SnapshotsGrpc.SnapshotsImplBase {
  private final Backend backend;

  /** Gives the snapshotter that answers, which may come later than the first call. */
  @FunctionalInterface
  public interface Backend {
    /**
     * Waits for it.
     *
     * @throws Unavailable when none will come
     */
    Snapshotter await() throws Unavailable;
  }

  public SnapshotsService(Backend backend) {
    this.backend = backend;
  }

  @Override
  public void prepare(
      PrepareSnapshotRequest request, StreamObserver<PrepareSnapshotResponse> observer) {
    Calls.answer(
        "Prepare " + request.getKey(),
        observer,
        () ->
            PrepareSnapshotResponse.newBuilder()
                .addAllMounts(
                    Wire.mounts(
                        backend
                            .await()
                            .prepare(
                                request.getKey(),
                                Wire.parent(request.getParent()),
                                request.getLabelsMap())))
                .build());
  }

  @Override
  public void view(ViewSnapshotRequest request, StreamObserver<ViewSnapshotResponse> observer) {
    Calls.answer(
        "View " + request.getKey(),
        observer,
        () ->
            ViewSnapshotResponse.newBuilder()
                .addAllMounts(
                    Wire.mounts(
                        backend
                            .await()
                            .view(
                                request.getKey(),
                                Wire.parent(request.getParent()),
                                request.getLabelsMap())))
                .build());
  }

  @Override
  public void mounts(MountsRequest request, StreamObserver<MountsResponse> observer) {
    Calls.answer(
        "Mounts " + request.getKey(),
        observer,
        () ->
            MountsResponse.newBuilder()
                .addAllMounts(Wire.mounts(backend.await().mounts(request.getKey())))
                .build());
  }

  @Override
  public void commit(CommitSnapshotRequest request, StreamObserver<Empty> observer) {
    Calls.answer(
        "Commit " + request.getKey(),
        observer,
        () -> {
          backend
              .await()
              .commit(
                  request.getKey(),
                  request.getName(),
                  Wire.parent(request.getParent()),
                  request.getLabelsMap());
          return Empty.getDefaultInstance();
        });
  }

  @Override
  public void remove(RemoveSnapshotRequest request, StreamObserver<Empty> observer) {
    Calls.answer(
        "Remove " + request.getKey(),
        observer,
        () -> {
          backend.await().remove(request.getKey());
          return Empty.getDefaultInstance();
        });
  }

  @Override
  public void stat(StatSnapshotRequest request, StreamObserver<StatSnapshotResponse> observer) {
    Calls.answer(
        "Stat " + request.getKey(),
        observer,
        () ->
            StatSnapshotResponse.newBuilder()
                .setInfo(Wire.info(backend.await().stat(request.getKey())))
                .build());
  }

  @Override
  public void update(
      UpdateSnapshotRequest request, StreamObserver<UpdateSnapshotResponse> observer) {
    Calls.answer(
        "Update " + request.getInfo().getName(),
        observer,
        () ->
            UpdateSnapshotResponse.newBuilder()
                .setInfo(
                    Wire.info(
                        backend
                            .await()
                            .update(
                                request.getInfo().getName(),
                                request.getInfo().getLabelsMap(),
                                request.getUpdateMask().getPathsList())))
                .build());
  }

  @Override
  public void list(ListSnapshotsRequest request, StreamObserver<ListSnapshotsResponse> observer) {
    Calls.stream(
        "List",
        observer,
        () ->
            Pages.of(
                backend.await().list(SnapshotFilter.parse(List.copyOf(request.getFiltersList())))));
  }

  @Override
  public void usage(UsageRequest request, StreamObserver<UsageResponse> observer) {
    Calls.answer(
        "Usage " + request.getKey(),
        observer,
        () -> {
          Usage usage = backend.await().usage(request.getKey());
          return UsageResponse.newBuilder().setSize(usage.size()).setInodes(usage.inodes()).build();
        });
  }

  @Override
  public void cleanup(CleanupRequest request, StreamObserver<Empty> observer) {
    Calls.answer(
        "Cleanup",
        observer,
        () -> {
          backend.await().cleanup();
          return Empty.getDefaultInstance();
        });
  }
}
