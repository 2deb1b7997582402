package io.lazerofs.snapshotter.service;

import io.grpc.stub.StreamObserver;
import io.lazerofs.snapshotter.proto.DaemonGrpc;
import io.lazerofs.snapshotter.proto.StatisticsRequest;
import io.lazerofs.snapshotter.proto.StatisticsResponse;
import java.util.function.Supplier;

/** The daemon's own service: what it says about itself. */
public final class DaemonService extends DaemonGrpc.DaemonImplBase {
  private final Supplier<StatisticsResponse> statistics;

  /**
   * @param statistics takes the figures of the moment, without waiting for anything
   */
  public DaemonService(Supplier<StatisticsResponse> statistics) {
    this.statistics = statistics;
  }

  @Override
  public void statistics(StatisticsRequest request, StreamObserver<StatisticsResponse> observer) {
    Calls.answer("Statistics", observer, statistics::get);
  }
}
