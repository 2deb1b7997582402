package io.lazerofs.fuse;

import io.lazerofs.source.AbsentException;
import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The requests whose answers need bytes that are not on this machine: each is awaited on a thread
 * of its own, and answered there. Safe for use by many threads.
 *
 * <p>While a request waits it uses neither the device nor the file system. One whose bytes come
 * when the session is over is dropped: the kernel has answered it already.
 */
final class WaitingRequests {
  private final SharedDevice shared;
  private final Exchange exchange;
  private final ReplyPool replies;
  private final Executor waiters;
  private final AtomicInteger count = new AtomicInteger();

  /**
   * @param waiters runs what waits for absent bytes; virtual threads fit
   */
  WaitingRequests(SharedDevice shared, Exchange exchange, ReplyPool replies, Executor waiters) {
    this.shared = shared;
    this.exchange = exchange;
    this.replies = replies;
    this.waiters = waiters;
  }

  /**
   * Takes a request over from a user of the device, which is free for the next then.
   *
   * @param asked when it was read from the device, as {@link Exchange#now} tells time
   */
  void add(Request request, long asked, AbsentException absent) {
    count.incrementAndGet();
    try {
      waiters.execute(() -> finish(request, asked, absent));
    } catch (RejectedExecutionException e) {
      fail(request, new IOException("nobody is left to wait for absent bytes", e));
      count.decrementAndGet();
    }
  }

  /** Awaits what a request needs, as often as it takes, and answers it. */
  private void finish(Request request, long asked, AbsentException first) {
    try {
      AbsentException absent = first;
      while (true) {
        absent.await();
        try {
          answer(request, asked);
          return;
        } catch (AbsentException next) {
          absent = next;
        }
      }
    } catch (IOException | RuntimeException | Error e) {
      fail(request, e);
    } finally {
      count.decrementAndGet();
    }
  }

  private void answer(Request request, long asked) throws AbsentException {
    if (!shared.enter()) {
      return;
    }
    Reply reply = replies.take();
    try {
      exchange.answer(request, asked, reply);
    } finally {
      replies.giveBack(reply);
      shared.leave();
    }
  }

  private void fail(Request request, Throwable failure) {
    if (!shared.enter()) {
      return;
    }
    Reply reply = replies.take();
    try {
      exchange.fail(request, failure, reply);
    } finally {
      replies.giveBack(reply);
      shared.leave();
    }
  }

  /** Returns how many there are, those that are being answered included. */
  int count() {
    return count.get();
  }
}
