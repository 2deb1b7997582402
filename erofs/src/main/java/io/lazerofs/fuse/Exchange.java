package io.lazerofs.fuse;

import io.lazerofs.fuse.sys.Transport;
import io.lazerofs.source.AbsentException;
import java.io.IOException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers each request once, with an error if need be; only absent bytes leave it unanswered. Safe
 * for use by many threads, each with a {@link Reply} of its own.
 *
 * <p>The section of the reply is entered throughout: what the file system lends stays where it is
 * until it is sent ({@link Session#quiesce}).
 */
final class Exchange {
  private static final Logger log = LoggerFactory.getLogger(Exchange.class);

  private final Transport device;
  private final Responder responder;

  Exchange(Transport device, Responder responder) {
    this.device = device;
    this.responder = responder;
  }

  /** Answers a READ as it lies in memory; makes no object where all goes well. */
  void read(Message message, Reply reply) throws AbsentException {
    try {
      responder.read(
          message.node(),
          message.readOffset(),
          message.readLength(),
          message.isDirectRead(),
          reply);
    } catch (IOException | RuntimeException | Error e) {
      refuse(() -> Request.decode(message), e, reply);
    }
    send(message.unique(), reply);
  }

  /** Answers any request but a {@link Request.Silent}. */
  void answer(Request request, Reply reply) throws AbsentException {
    try {
      responder.answer(request, reply);
    } catch (IOException | RuntimeException | Error e) {
      refuse(() -> request, e, reply);
    }
    send(request.unique(), reply);
  }

  /** Answers a request with an error that was met elsewhere. */
  void fail(Request request, Throwable failure, Reply reply) {
    Errno errno = failure instanceof IOException e ? Errno.of(e) : Errno.EIO;
    tell(request, failure, errno);
    reply.fail(errno);
    send(request.unique(), reply);
  }

  private static void refuse(Supplier<Request> request, Throwable failure, Reply reply)
      throws AbsentException {
    if (failure instanceof AbsentException absent) {
      throw absent;
    }
    Errno errno = failure instanceof IOException e ? Errno.of(e) : Errno.EIO;
    if (errno == Errno.EIO) {
      tell(request.get(), failure, errno);
    }
    reply.fail(errno);
  }

  private static void tell(Request request, Throwable failure, Errno errno) {
    if (failure instanceof IOException) {
      log.warn("{} failed with {}: {}", request, errno, failure.toString());
      log.debug("where it failed", failure);
    } else {
      // Whatever the file system did, the mount lives on and the caller gets an answer.
      log.error("{} failed", request, failure);
    }
  }

  private void send(long unique, Reply reply) {
    int result = reply.send(device, unique);
    if (result >= 0 || Errno.ENOENT.is(result) || Errno.ENODEV.is(result)) {
      return; // Sent, or nobody waits for it any more.
    }
    log.error("request {}: the kernel refused the reply with errno {}", unique, -result);
    reply.fail(Errno.EIO);
    reply.send(device, unique);
  }
}
