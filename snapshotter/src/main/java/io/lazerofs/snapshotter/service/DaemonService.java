package io.lazerofs.snapshotter.service;

import io.grpc.stub.StreamObserver;
import io.lazerofs.snapshotter.metrics.Health;
import io.lazerofs.snapshotter.proto.DaemonGrpc;
import io.lazerofs.snapshotter.proto.HealthRequest;
import io.lazerofs.snapshotter.proto.HealthResponse;
import io.lazerofs.snapshotter.proto.StatisticsRequest;
import io.lazerofs.snapshotter.proto.StatisticsResponse;
import io.lazerofs.snapshotter.proto.StopRequest;
import io.lazerofs.snapshotter.proto.StopResponse;
import io.lazerofs.snapshotter.proto.TraceRequest;
import io.lazerofs.snapshotter.proto.TraceResponse;
import io.lazerofs.snapshotter.store.SnapshotException.InvalidArgument;
import java.util.function.Supplier;

/** The daemon's own service: what it says about itself. */
public final class DaemonService extends DaemonGrpc.DaemonImplBase {
  private final Supplier<StatisticsResponse> statistics;
  private final Traces traces;
  private final Supplier<Health.State> health;
  private final Stop stop;

  /** Ends the daemon. */
  @FunctionalInterface
  public interface Stop {
    /**
     * Begins the end, and does not wait for it.
     *
     * @param keepMounts whether the mount is left to the next daemon
     */
    void begin(boolean keepMounts);
  }

  /** Tells what was read first of some layers. */
  @FunctionalInterface
  public interface Traces {
    /**
     * @throws InvalidArgument when a layer's digest is none
     */
    TraceResponse of(TraceRequest request) throws InvalidArgument;
  }

  /**
   * @param statistics takes the figures of the moment, without waiting for anything
   * @param traces likewise
   * @param health may wait for the mount for a while
   */
  public DaemonService(
      Supplier<StatisticsResponse> statistics,
      Traces traces,
      Supplier<Health.State> health,
      Stop stop) {
    this.statistics = statistics;
    this.traces = traces;
    this.health = health;
    this.stop = stop;
  }

  @Override
  public void statistics(StatisticsRequest request, StreamObserver<StatisticsResponse> observer) {
    Calls.answer("Statistics", observer, statistics::get);
  }

  @Override
  public void trace(TraceRequest request, StreamObserver<TraceResponse> observer) {
    Calls.answer("Trace", observer, () -> traces.of(request));
  }

  @Override
  public void health(HealthRequest request, StreamObserver<HealthResponse> observer) {
    Calls.answer(
        "Health",
        observer,
        () ->
            HealthResponse.newBuilder()
                .setState(
                    switch (health.get()) {
                      case READY -> HealthResponse.State.READY;
                      case STARTING -> HealthResponse.State.STARTING;
                      case HUNG -> HealthResponse.State.HUNG;
                    })
                .build());
  }

  @Override
  public void stop(StopRequest request, StreamObserver<StopResponse> observer) {
    Calls.answer("Stop", observer, StopResponse::getDefaultInstance);
    stop.begin(request.getKeepMounts());
  }
}
