package io.lazerofs.fuse;

import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;

/**
 * A bounded pool of replies for requests that waited, made as they are first needed. Safe for use
 * by many threads.
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
  private final List<Reply> made = new CopyOnWriteArrayList<>();

  ReplyPool(int capacity, int dataBytes) {
    this.capacity = capacity;
    this.dataBytes = dataBytes;
    free = new Semaphore(capacity);
  }

  /** Takes a reply, waiting while all are out, and enters its section. */
  Reply take() {
    free.acquireUninterruptibly();
    Reply reply = idleOrNew();
    reply.section().enter();
    return reply;
  }

  private Reply idleOrNew() {
    synchronized (idle) {
      Reply last = idle.pollLast();
      if (last != null) {
        return last;
      }
    }
    try {
      Reply fresh = new Reply(dataBytes);
      made.add(fresh);
      return fresh;
    } catch (OutOfMemoryError e) {
      free.release();
      throw e;
    }
  }

  /** Gives a reply back, having left its section. */
  void giveBack(Reply reply) {
    reply.section().leave();
    synchronized (idle) {
      idle.addLast(reply);
    }
    free.release();
  }

  /** Returns all that there are, out or not. One that comes later was not out at the call. */
  List<Reply> made() {
    return made;
  }

  /** Returns how many are out. */
  int out() {
    return capacity - free.availablePermits();
  }
}
