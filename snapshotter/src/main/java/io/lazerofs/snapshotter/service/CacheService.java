package io.lazerofs.snapshotter.service;

import io.grpc.stub.StreamObserver;
import io.lazerofs.snapshotter.proto.CacheBlob;
import io.lazerofs.snapshotter.proto.CacheGrpc;
import io.lazerofs.snapshotter.proto.CacheListRequest;
import io.lazerofs.snapshotter.proto.CachePruneRequest;
import io.lazerofs.snapshotter.proto.CachePruneResponse;
import io.lazerofs.snapshotter.proto.CacheVerifyRequest;
import io.lazerofs.snapshotter.proto.CacheVerifyResponse;
import io.lazerofs.snapshotter.store.SnapshotException.Unavailable;
import io.lazerofs.snapshotter.upkeep.CacheUpkeep;

/** The daemon's cache, for {@code lazerofs cache}, once it is there. */
public final class CacheService extends CacheGrpc.CacheImplBase {
  private final Backend upkeep;

  /** Gives the cache, which may come later than the first call. */
  @FunctionalInterface
  public interface Backend {
    /**
     * Waits for it.
     *
     * @throws Unavailable when none will come
     */
    CacheUpkeep await() throws Unavailable;
  }

  public CacheService(Backend upkeep) {
    this.upkeep = upkeep;
  }

  @Override
  public void list(CacheListRequest request, StreamObserver<CacheBlob> observer) {
    Calls.stream("CacheList", observer, () -> upkeep.await().list().iterator());
  }

  @Override
  public void prune(CachePruneRequest request, StreamObserver<CachePruneResponse> observer) {
    Calls.answer("CachePrune", observer, () -> upkeep.await().prune(request.getAll()));
  }

  @Override
  public void verify(CacheVerifyRequest request, StreamObserver<CacheVerifyResponse> observer) {
    Calls.stream("CacheVerify", observer, () -> upkeep.await().verify());
  }
}
