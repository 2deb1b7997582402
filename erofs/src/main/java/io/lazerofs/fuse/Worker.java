package io.lazerofs.fuse;

import io.lazerofs.fuse.sys.IoVector;
import io.lazerofs.fuse.sys.Transport;
import io.lazerofs.source.AbsentException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.ProtocolException;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One thread's loop over the requests of a session, with memory of its own for what it reads and
 * writes: it shares nothing with other workers but the device.
 */
final class Worker implements Runnable {
  private static final Logger log = LoggerFactory.getLogger(Worker.class);

  private static final LongConsumer NOBODY = _ -> {};

  private final SharedDevice shared;
  private final Exchange exchange;
  private final WaitingRequests waiting;
  private final Inbox inbox = new Inbox();
  private final Reply reply;
  private LongConsumer first = NOBODY;

  /**
   * @param shared the worker is a user of it until it has run
   */
  Worker(SharedDevice shared, Exchange exchange, WaitingRequests waiting, Reply reply) {
    this.shared = shared;
    this.exchange = exchange;
    this.waiting = waiting;
    this.reply = reply;
  }

  /**
   * Returns this worker, that says the {@code unique} of its first request before it answers it.
   */
  Worker telling(LongConsumer told) {
    first = told;
    return this;
  }

  /** Serves requests on a thread that may block, until the session ends or is handed over. */
  @Override
  public void run() {
    Transport device = shared.device();
    try {
      while (!shared.isHandedOver()) {
        int length = inbox.receive(device);
        if (length >= 0) {
          handle(length);
        } else if (Errno.ENODEV.is(length)) {
          return;
        } else if (!isPassing(length)) {
          log.error("a FUSE worker stops: reading /dev/fuse failed with errno {}", -length);
          return;
        }
      }
    } finally {
      shared.leave();
    }
  }

  /** Whether a failed read means no more than that this request went away. */
  private static boolean isPassing(int result) {
    return Errno.ENOENT.is(result) || Errno.EINTR.is(result) || Errno.EAGAIN.is(result);
  }

  private void handle(int length) {
    Message message = inbox.message;
    try {
      message.take(length);
      if (first != NOBODY) {
        first.accept(message.unique());
        first = NOBODY;
      }
    } catch (ProtocolException e) {
      log.error("a FUSE request was dropped", e);
      return;
    }
    reply.section().enter();
    try {
      if (message.isRead()) {
        read(message);
      } else {
        answer(Request.decode(message));
      }
    } finally {
      reply.section().leave();
    }
  }

  private void read(Message message) {
    long asked = exchange.now();
    try {
      exchange.read(message, asked, reply);
    } catch (AbsentException absent) {
      waiting.add(Request.decode(message), asked, absent);
    }
  }

  private void answer(Request request) {
    if (request instanceof Request.Silent) {
      return;
    }
    try {
      exchange.answer(request, reply);
    } catch (AbsentException absent) {
      waiting.add(request, exchange.now(), absent);
    }
  }

  /** The memory that one thread reads requests into. */
  static final class Inbox {
    final Message message;
    private final IoVector vector;

    Inbox() {
      Arena arena = Arena.ofAuto();
      MemorySegment memory = arena.allocate(Protocol.REQUEST_BYTES, Protocol.PAGE_BYTES);
      message = new Message(memory);
      vector = new IoVector(arena, 1);
      vector.set(0, memory);
    }

    /** Waits for a message; returns what {@link Transport#read} does. */
    int receive(Transport device) {
      return device.read(vector);
    }
  }
}
