package io.lazerofs.fuse;

import io.lazerofs.fuse.sys.FuseDevice;
import io.lazerofs.fuse.sys.IoVector;
import io.lazerofs.source.AbsentException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.ProtocolException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A FUSE session that is being served: the loop of its workers, and the requests that wait for
 * absent bytes.
 *
 * <p>It is over when the kernel said ENODEV to each worker and the last waiting request was
 * answered; then the device is closed, and the file system is not called any more.
 */
final class Session {
  private static final Logger log = LoggerFactory.getLogger(Session.class);

  /** Replies besides the workers' own, for requests that waited. */
  private static final int REPLIES_FOR_WAITERS = 16;

  private final FuseDevice device;
  private final Responder responder;
  private final Executor waiters;
  private final ReplyPool replies;
  // Workers and waiting requests, each of which uses the device: the last to go closes it.
  private final AtomicInteger users;
  private final AtomicInteger inFlight = new AtomicInteger();
  private final CountDownLatch over = new CountDownLatch(1);

  /**
   * @param device owned by the session from here on
   * @param workers how many threads will run {@link #serve}
   * @param waiters runs what waits for absent bytes; virtual threads fit
   */
  Session(FuseDevice device, SessionState state, FileSystem files, int workers, Executor waiters) {
    this.device = device;
    this.waiters = waiters;
    responder = new Responder(files, state.maxDataBytes());
    replies = new ReplyPool(workers + REPLIES_FOR_WAITERS, state.maxDataBytes());
    users = new AtomicInteger(workers);
  }

  /**
   * Answers the first request of a session, which must be INIT.
   *
   * @return what was settled
   * @throws IOException when the kernel asks for something else or cannot be served
   */
  static SessionState initialize(FuseDevice device) throws IOException {
    Reply reply = new Reply(Protocol.PAGE_BYTES);
    while (true) {
      if (!(receive(device, new Inbox()) instanceof Request.Initialize offer)) {
        throw new ProtocolException("the first FUSE request is not INIT");
      }
      SessionState state = SessionState.negotiate(offer);
      reply.written(Structs.initOut(reply.buffer(), 0, state));
      int result = reply.send(device, offer.unique());
      if (result < 0) {
        throw new IOException("the kernel refused the reply to INIT: errno " + -result);
      }
      if (offer.major() == Protocol.MAJOR) {
        return state;
      }
    }
  }

  private static Request receive(FuseDevice device, Inbox inbox) throws IOException {
    int length;
    do {
      length = device.read(inbox.vector);
    } while (Errno.EINTR.is(length));
    if (length < 0) {
      throw new IOException("no FUSE request to read: errno " + -length);
    }
    return Request.decode(inbox.message, length);
  }

  /** Serves requests on a thread that may block, until the session ends. */
  void serve() {
    try {
      Inbox inbox = new Inbox();
      while (true) {
        int length = device.read(inbox.vector);
        if (length >= 0) {
          handle(inbox, length);
        } else if (Errno.ENODEV.is(length)) {
          return;
        } else if (!isPassing(length)) {
          log.error("a FUSE worker stops: reading /dev/fuse failed with errno {}", -length);
          return;
        }
      }
    } finally {
      leave();
    }
  }

  /** Whether a failed read means no more than that this request went away. */
  private static boolean isPassing(int result) {
    return Errno.ENOENT.is(result) || Errno.EINTR.is(result) || Errno.EAGAIN.is(result);
  }

  private void handle(Inbox inbox, int length) {
    Request request;
    try {
      request = Request.decode(inbox.message, length);
    } catch (ProtocolException e) {
      log.error("a FUSE request was dropped", e);
      return;
    }
    if (request instanceof Request.Silent) {
      return;
    }
    inFlight.incrementAndGet();
    try {
      answer(request);
      inFlight.decrementAndGet();
    } catch (AbsentException absent) {
      letGo(request, absent);
    }
  }

  /** Hands a request over to a thread that can wait, so that this one is free for the next. */
  private void letGo(Request request, AbsentException absent) {
    users.incrementAndGet();
    try {
      waiters.execute(() -> finish(request, absent));
    } catch (RejectedExecutionException e) {
      log.error("nobody is left to wait for absent bytes", e);
      fail(request, Errno.EIO);
      inFlight.decrementAndGet();
      leave();
    }
  }

  /** Awaits what a request needs, as often as it takes, and answers it. */
  private void finish(Request request, AbsentException first) {
    try {
      AbsentException absent = first;
      while (true) {
        absent.await();
        try {
          answer(request);
          return;
        } catch (AbsentException next) {
          absent = next;
        }
      }
    } catch (IOException e) {
      log.warn("{} failed: bytes that it needs could not be had: {}", request, e.toString());
      log.debug("where it failed", e);
      fail(request, Errno.of(e));
    } catch (RuntimeException | Error e) {
      log.error("{} failed", request, e);
      fail(request, Errno.EIO);
    } finally {
      inFlight.decrementAndGet();
      leave();
    }
  }

  /** Answers a request, with an error if need be; only absent bytes leave it unanswered. */
  private void answer(Request request) throws AbsentException {
    Reply reply = replies.take();
    try {
      respond(request, reply);
      send(request, reply);
    } finally {
      replies.giveBack(reply);
    }
  }

  private void respond(Request request, Reply reply) throws AbsentException {
    try {
      responder.answer(request, reply);
    } catch (AbsentException absent) {
      throw absent;
    } catch (IOException e) {
      Errno errno = Errno.of(e);
      if (errno == Errno.EIO) {
        log.warn("{} failed: {}", request, e.toString());
        log.debug("where it failed", e);
      }
      reply.fail(errno);
    } catch (RuntimeException | Error e) {
      // Whatever the file system did, the mount lives on and the caller gets an answer.
      log.error("{} failed", request, e);
      reply.fail(Errno.EIO);
    }
  }

  private void fail(Request request, Errno errno) {
    Reply reply = replies.take();
    try {
      reply.fail(errno);
      send(request, reply);
    } finally {
      replies.giveBack(reply);
    }
  }

  private void send(Request request, Reply reply) {
    int result = reply.send(device, request.unique());
    if (result >= 0 || Errno.ENOENT.is(result) || Errno.ENODEV.is(result)) {
      return; // Sent, or nobody waits for it any more.
    }
    log.error("{}: the kernel refused the reply with errno {}", request, -result);
    reply.fail(Errno.EIO);
    reply.send(device, request.unique());
  }

  private void leave() {
    if (users.decrementAndGet() == 0) {
      device.close();
      over.countDown();
    }
  }

  /** Returns the latch that opens when the session is over. */
  CountDownLatch over() {
    return over;
  }

  /** Returns the number of requests that were read and not answered yet. */
  int inFlight() {
    return inFlight.get();
  }

  /** Returns the number of reply buffers in use. */
  int buffersOut() {
    return replies.out();
  }

  /** The memory that one thread reads requests into. */
  private static final class Inbox {
    private final MemorySegment message;
    private final IoVector vector;

    Inbox() {
      Arena arena = Arena.ofAuto();
      message = arena.allocate(Protocol.REQUEST_BYTES, Protocol.PAGE_BYTES);
      vector = new IoVector(arena, 1);
      vector.set(0, message);
    }
  }
}
