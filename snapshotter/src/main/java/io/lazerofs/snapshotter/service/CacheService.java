package io.lazerofs.snapshotter.service;

import io.grpc.stub.StreamObserver;
import io.lazerofs.snapshotter.proto.CacheBlob;
import io.lazerofs.snapshotter.proto.CacheGrpc;
import io.lazerofs.snapshotter.proto.CacheListRequest;
import io.lazerofs.snapshotter.proto.CachePruneRequest;
import io.lazerofs.snapshotter.proto.CachePruneResponse;
import io.lazerofs.snapshotter.proto.CacheVerifyRequest;
import io.lazerofs.snapshotter.proto.CacheVerifyResponse;
import io.lazerofs.snapshotter.upkeep.CacheUpkeep;

/** The daemon's cache, for {@code lazerofs cache}. */
public final class CacheService extends CacheGrpc.CacheImplBase {
  private final CacheUpkeep upkeep;

  public CacheService(CacheUpkeep upkeep) {
    this.upkeep = upkeep;
  }

  @Override
  public void list(CacheListRequest request, StreamObserver<CacheBlob> observer) {
    Calls.stream("CacheList", observer, () -> upkeep.list().iterator());
  }

  @Override
  public void prune(CachePruneRequest request, StreamObserver<CachePruneResponse> observer) {
    Calls.answer("CachePrune", observer, () -> upkeep.prune(request.getAll()));
  }

  @Override
  public void verify(CacheVerifyRequest request, StreamObserver<CacheVerifyResponse> observer) {
    Calls.stream("CacheVerify", observer, upkeep::verify);
  }
}
