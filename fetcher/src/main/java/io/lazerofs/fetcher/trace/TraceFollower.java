package io.lazerofs.fetcher.trace;

import io.lazerofs.fetcher.cache.CachedBlob;
import io.lazerofs.fetcher.lazy.BlobClosedException;
import io.lazerofs.fetcher.lazy.LazyBlob;
import io.lazerofs.fetcher.trace.PrefetchPlan.Step;
import io.lazerofs.source.Digest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches what a trace names ahead of the readers, in its order across all layers that are open.
 *
 * <p>Layers of an image are opened one after the other: what a trace names of a layer is waited
 * with until the layer is there. A layer that is closed takes its part with it. No failure reaches
 * a reader: what could not be fetched is fetched when it is read.
 *
 * <p>Safe for use by many threads at once.
 */
public final class TraceFollower {
  private static final Logger log = LoggerFactory.getLogger(TraceFollower.class);

  /** After so many failures the registry has other worries. */
  private static final int MOST_FAILURES = 8;

  /**
   * What following one trace may cost.
   *
   * @param bytes the most bytes in all
   * @param connections the most requests at once
   */
  public record Budget(long bytes, int connections) {}

  /** A step of the plan, and its place there. */
  private record Planned(int order, Step step) {}

  /** A step whose layer is open. */
  private record Ready(Planned planned, LazyBlob blob) {}

  private final Trace trace;
  private final int connections;
  private final Executor executor;
  private final AheadStatistics statistics;

  /* All below is guarded by the monitor of this object, which is never held while waiting. */
  private final Map<Digest, List<Planned>> waiting = new HashMap<>();
  private final Queue<Ready> ready =
      new PriorityQueue<>(Comparator.comparingInt(next -> next.planned.order));
  private int workers;
  private int failures;

  /**
   * @param executor runs each worker, which blocks, on a virtual thread of its own
   */
  public TraceFollower(Trace trace, Budget budget, Executor executor, AheadStatistics statistics) {
    this.trace = trace;
    this.connections = budget.connections();
    this.executor = executor;
    this.statistics = statistics;
    int order = 0;
    for (Step step : PrefetchPlan.of(trace, budget.bytes())) {
      waiting
          .computeIfAbsent(step.layer(), layer -> new ArrayList<>())
          .add(new Planned(order++, step));
    }
  }

  /** Returns the digest of the image whose trace is followed. */
  public Digest image() {
    return trace.image();
  }

  /** Says that a blob is open: what the trace names of it is fetched from now on, once. */
  public synchronized void opened(LazyBlob blob) {
    for (Planned planned : waiting.getOrDefault(blob.digest(), List.of())) {
      ready.add(new Ready(planned, blob));
    }
    waiting.remove(blob.digest());
    int more = Math.min(connections, ready.size()) - workers;
    for (int i = 0; i < more; i++) {
      workers++;
      try {
        executor.execute(this::work);
      } catch (RejectedExecutionException e) {
        workers--;
        log.debug("trace of {}: not followed, the process ends", trace.image(), e);
      }
    }
  }

  private void work() {
    for (Ready next = take(); next != null; next = take()) {
      try {
        fetch(next);
      } catch (BlobClosedException e) {
        drop(next.blob);
      } catch (IOException e) {
        failed(next, e);
      }
    }
  }

  private synchronized @Nullable Ready take() {
    Ready next = ready.poll();
    if (next == null) {
      workers--;
    }
    return next;
  }

  private void fetch(Ready next) throws IOException {
    Step step = next.planned.step;
    long size = next.blob.size();
    long blockBytes = CachedBlob.BLOCK_BYTES;
    long start = step.offset() & -blockBytes;
    long end = Math.min(size, step.offset() + step.length());
    end = Math.min(size, (end + blockBytes - 1) & -blockBytes);
    long absent = start < end ? next.blob.absentBytes(start, end) : 0;
    if (absent > 0) {
      next.blob.fetchForStart(start, end - start);
      statistics.prefetched(absent);
    }
  }

  private synchronized void drop(LazyBlob closed) {
    ready.removeIf(step -> step.blob.equals(closed));
  }

  private synchronized void failed(Ready next, IOException reason) {
    statistics.failed();
    failures++;
    log.debug("trace of {}: {} not fetched ahead", trace.image(), next.planned.step, reason);
    if (failures == MOST_FAILURES) {
      log.warn(
          "trace of {}: not followed any more after {} failures: {}",
          trace.image(),
          failures,
          reason.getMessage());
      ready.clear();
      waiting.clear();
    }
  }
}
