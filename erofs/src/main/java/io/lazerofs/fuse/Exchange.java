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
  private final RequestStatistics statistics;

  Exchange(Transport device, Responder responder, RequestStatistics statistics) {
    this.device = device;
    this.responder = responder;
    this.statistics = statistics;
  }

  /** Returns the time that {@link #read} and {@link #answer} are told as that of the request. */
  long now() {
    return statistics.nanoTime();
  }

  /**
   * Answers a READ as it lies in memory; makes no object where all goes well.
   *
   * @param asked when it was read from the device
   */
  void read(Message message, long asked, Reply reply) throws AbsentException {
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
    if (reply.isError()) {
      statistics.failed(true, reply.error());
      send(message.unique(), reply);
    } else {
      int bytes = reply.length();
      send(message.unique(), reply);
      statistics.hit(asked, bytes);
    }
  }

  /** Answers any request but a READ or a {@link Request.Silent}. */
  void answer(Request request, Reply reply) throws AbsentException {
    answer(request, 0, reply);
  }

  /**
   * Answers any request but a {@link Request.Silent} after it waited for absent bytes.
   *
   * @param asked when it was read from the device
   */
  void answer(Request request, long asked, Reply reply) throws AbsentException {
    boolean isRead = request instanceof Request.Read;
    try {
      responder.answer(request, reply);
    } catch (IOException | RuntimeException | Error e) {
      refuse(() -> request, e, reply);
    }
    if (reply.isError()) {
      statistics.failed(isRead, reply.error());
      send(request.unique(), reply);
    } else {
      int bytes = reply.length();
      send(request.unique(), reply);
      if (isRead) {
        statistics.miss(asked, bytes);
      }
    }
  }

  /** Answers a request with an error that was met elsewhere. */
  void fail(Request request, Throwable failure, Reply reply) {
    Errno errno = failure instanceof IOException e ? Errno.of(e) : Errno.EIO;
    tell(request, failure, errno);
    statistics.failed(request instanceof Request.Read, errno);
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
