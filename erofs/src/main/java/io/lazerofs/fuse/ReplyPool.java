package io.lazerofs.fuse;

import java.util.ArrayDeque;
import java.util.concurrent.Semaphore;

/**
 * A bounded pool of replies, made as they are first needed: the only limit on the requests that are
 * answered at once. Safe for use by many threads.
 *
 * <p>Whoever holds a reply waits for nothing but the local disk, so that {@link #take} never waits
 * long.
 */
final class ReplyPool {
  private final int capacity;
  private final int dataBytes;
  private final Semaphore free;
  // The last one given back is taken first: its memory is the likeliest to be in the CPU's caches.
  private final ArrayDeque<Reply> idle = new ArrayDeque<>();

  ReplyPool(int capacity, int dataBytes) {
    this.capacity = capacity;
    this.dataBytes = dataBytes;
    free = new Semaphore(capacity);
  }

  /** Takes a reply, waiting while all are out. */
  Reply take() {
    free.acquireUninterruptibly();
    synchronized (idle) {
      Reply reply = idle.pollLast();
      if (reply != null) {
        return reply;
      }
    }
    try {
      return new Reply(dataBytes);
    } catch (OutOfMemoryError e) {
      free.release();
      throw e;
    }
  }

  /** Gives a reply back. */
  void giveBack(Reply reply) {
    synchronized (idle) {
      idle.addLast(reply);
    }
    free.release();
  }

  /** Returns how many are out. */
  int out() {
    return capacity - free.availablePermits();
  }
}
