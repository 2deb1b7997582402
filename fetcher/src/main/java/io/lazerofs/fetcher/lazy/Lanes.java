package io.lazerofs.fetcher.lazy;

import io.lazerofs.fetcher.cache.CachedBlob;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * When the requests of a process begin: those that readers wait for at once, and those ahead of
 * readers when they are in nobody's way.
 *
 * <pre>{@code
 * DEMAND ─────────────────────────────────────────────────────────▶ begins
 * READ_AHEAD ──▶ waits for a connection and for other blobs' demand ──▶ begins
 * START ──▶ waits for a connection ───────────────────────────────────▶ begins
 * BACKGROUND ──▶ waits for a connection and for all demand ───────────▶ begins
 * }</pre>
 *
 * <p>A read-ahead does not wait for demand of its own blob, which is most often that of the very
 * reader that it runs ahead of. What a start will read waits for no demand: a container that starts
 * has always some, and all of it is for what comes next here. A request begins at once when a
 * reader comes to wait for it. And while there is no end of demand, a request begins each time that
 * the patience is over: the one that waits longest. So neither a busy reader nor a registry that
 * does not answer stops what is ahead for good.
 *
 * <p>Safe for use by many threads at once; nothing blocks but {@link Turn#await}. What is done
 * under the lock is bounded by the number of requests that wait.
 */
final class Lanes {
  private final int connections;
  private final long patienceNanos;
  private final LongSupplier nanoTime;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition begun = lock.newCondition();
  private final List<Turn> waiting = new ArrayList<>();
  private final Map<CachedBlob, Integer> demand = new HashMap<>();
  private int demands;
  private int ahead;
  private long lastGrant;

  /**
   * @param connections how many requests ahead of readers are under way at once
   * @param patience how long one of them waits for the end of demand
   * @param nanoTime as {@link System#nanoTime}
   */
  Lanes(int connections, Duration patience, LongSupplier nanoTime) {
    this.connections = connections;
    this.patienceNanos = patience.toNanos();
    this.nanoTime = nanoTime;
    this.lastGrant = nanoTime.getAsLong() - patienceNanos;
  }

  /** The place of one request in its lane, until it ends. */
  final class Turn {
    private final Lane lane;
    private final CachedBlob blob;
    private final ByteRange range;
    private final long since = nanoTime.getAsLong();
    private boolean mayBegin;
    private boolean over;

    private Turn(Lane lane, CachedBlob blob, ByteRange range) {
      this.lane = lane;
      this.blob = blob;
      this.range = range;
    }

    Lane lane() {
      return lane;
    }

    /** Returns what the request is to bring. */
    ByteRange range() {
      return range;
    }

    private void begin() {
      mayBegin = true;
      ahead++;
    }

    /** Returns whether the request may begin by now. */
    boolean mayBegin() {
      lock.lock();
      try {
        admit();
        return mayBegin;
      } finally {
        lock.unlock();
      }
    }

    /** Returns when the request may begin. */
    void await() throws InterruptedException {
      lock.lockInterruptibly();
      try {
        admit();
        while (!mayBegin) {
          long left = patienceLeft(this);
          var _ = begun.await(left > 0 ? left : patienceNanos, TimeUnit.NANOSECONDS);
          admit();
        }
      } finally {
        lock.unlock();
      }
    }

    /** Says that the request is over, begun or not; may be said again. */
    void end() {
      lock.lock();
      try {
        if (!over) {
          over = true;
          leave(this);
          admit();
        }
      } finally {
        lock.unlock();
      }
    }
  }

  /**
   * Takes note of a request; the caller {@linkplain Turn#await waits} for its turn and {@linkplain
   * Turn#end ends} it.
   *
   * @param range what it is to bring
   */
  Turn enter(Lane lane, CachedBlob blob, ByteRange range) {
    Turn turn = new Turn(lane, blob, range);
    lock.lock();
    try {
      if (lane == Lane.DEMAND) {
        turn.mayBegin = true;
        demands++;
        demand.merge(blob, 1, Integer::sum);
      } else {
        waiting.add(turn);
        admit();
      }
    } finally {
      lock.unlock();
    }
    return turn;
  }

  /** Lets requests for bytes of a range begin, since a reader waits for them now. */
  void hurry(CachedBlob blob, ByteRange range) {
    lock.lock();
    try {
      boolean any = false;
      for (Turn turn : List.copyOf(waiting)) {
        if (turn.blob == blob && turn.range.overlaps(range.start(), range.end())) {
          waiting.remove(turn);
          turn.begin();
          any = true;
        }
      }
      if (any) {
        begun.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Returns whether a request of a lane would be in the way of a reader. */
  boolean isBusy(Lane lane, CachedBlob blob) {
    lock.lock();
    try {
      return demandBefore(lane, blob) > 0;
    } finally {
      lock.unlock();
    }
  }

  /** Returns how many requests go before one of a lane. */
  private int demandBefore(Lane lane, CachedBlob blob) {
    return switch (lane) {
      case DEMAND, START -> 0;
      case READ_AHEAD -> demands - demand.getOrDefault(blob, 0);
      case BACKGROUND -> demands;
    };
  }

  private void leave(Turn turn) {
    if (turn.lane == Lane.DEMAND) {
      demands--;
      demand.computeIfPresent(turn.blob, (blob, count) -> count > 1 ? count - 1 : null);
    } else if (turn.mayBegin) {
      ahead--;
    } else {
      waiting.remove(turn);
    }
  }

  /** Lets those begin that may by now. */
  private void admit() {
    int before = waiting.size();
    if (ahead < connections && before > 0) {
      Turn longest = waiting.getFirst();
      if (demandBefore(longest.lane, longest.blob) > 0 && patienceLeft(longest) <= 0) {
        lastGrant = nanoTime.getAsLong();
        waiting.removeFirst();
        longest.begin();
      }
      for (Turn turn : waiting.stream().sorted(Comparator.comparing(t -> t.lane)).toList()) {
        if (ahead < connections && demandBefore(turn.lane, turn.blob) == 0) {
          waiting.remove(turn);
          turn.begin();
        }
      }
    }
    if (waiting.size() < before) {
      begun.signalAll();
    }
  }

  /** Returns how long a request still gives way to demand. */
  private long patienceLeft(Turn turn) {
    long now = nanoTime.getAsLong();
    return patienceNanos - Math.min(now - turn.since, now - lastGrant);
  }
}
