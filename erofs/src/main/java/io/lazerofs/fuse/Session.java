package io.lazerofs.fuse;

import io.lazerofs.fuse.sys.Transport;
import java.io.IOException;
import java.net.ProtocolException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.stream.Stream;

/**
 * A FUSE session that is being served: its workers, and the requests that wait for absent bytes.
 *
 * <p>It is over when the kernel said ENODEV to each worker, or the workers left it to another
 * process, and no request is being answered; then the device is closed, and the file system is not
 * called any more. Fills that requests waited for may still be under way; nobody is told of their
 * end.
 */
final class Session {
  /** Replies besides the workers' own, for requests that waited. */
  private static final int REPLIES_FOR_WAITERS = 16;

  private final SharedDevice shared;
  private final WaitingRequests waiting;
  private final RequestStatistics statistics = new RequestStatistics(System::nanoTime);
  private final ReplyPool pool;
  private final List<Reply> own;
  private final List<Worker> workers;

  /**
   * @param device owned by the session from here on
   * @param workers how many threads will serve, at least 1
   * @param waiters runs what waits for absent bytes; virtual threads fit
   */
  Session(Transport device, SessionState state, FileSystem files, int workers, Executor waiters) {
    shared = new SharedDevice(device, workers);
    Exchange exchange =
        new Exchange(device, new Responder(files, state.maxDataBytes()), statistics);
    pool = new ReplyPool(REPLIES_FOR_WAITERS, state.maxDataBytes());
    waiting = new WaitingRequests(shared, exchange, pool, waiters);
    own = Stream.generate(() -> new Reply(state.maxDataBytes())).limit(workers).toList();
    this.workers = own.stream().map(reply -> new Worker(shared, exchange, waiting, reply)).toList();
  }

  /**
   * Answers the first request of a session, which must be INIT.
   *
   * @param wanted bits of {@link Protocol.Feature} that are taken where the kernel offers them
   * @return what was settled
   * @throws IOException when the kernel asks for something else or cannot be served
   */
  static SessionState initialize(Transport device, long wanted) throws IOException {
    Reply reply = new Reply(Protocol.PAGE_BYTES);
    while (true) {
      if (!(receive(device, new Worker.Inbox()) instanceof Request.Initialize offer)) {
        throw new ProtocolException("the first FUSE request is not INIT");
      }
      SessionState state = SessionState.negotiate(offer, wanted);
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

  private static Request receive(Transport device, Worker.Inbox inbox) throws IOException {
    int length;
    do {
      length = inbox.receive(device);
    } while (Errno.EINTR.is(length));
    if (length < 0) {
      throw new IOException("no FUSE request to read: errno " + -length);
    }
    inbox.message.take(length);
    return Request.decode(inbox.message);
  }

  /**
   * Asks the kernel for the requests that a dead server took and did not answer; they come with bit
   * 63 of {@code unique} set, before or among others. One that is answered twice is answered ENOENT
   * the second time, and no harm is done.
   *
   * @return 0, or {@code -errno} when the kernel cannot
   */
  static int resend(Transport device) {
    Reply notice = new Reply(Protocol.PAGE_BYTES);
    return Math.min(0, notice.sendNotice(device, Protocol.NOTIFY_RESEND));
  }

  /**
   * Makes the workers leave the session to another process, each after one more request. What waits
   * for absent bytes is not answered any more once they are gone.
   */
  void handOver() {
    shared.handOver();
  }

  /** Returns what serves; each has to be run once, on a thread that may block. */
  List<Worker> workers() {
    return workers;
  }

  /**
   * Returns when each request that was being answered at the call has been answered. What was taken
   * away from the file system before the call is in no reply's use then. Must not be called by
   * whoever answers one.
   */
  void quiesce() {
    Stream.concat(own.stream(), pool.made().stream()).forEach(reply -> reply.section().awaitLeft());
  }

  /** Returns the latch that opens when the session is over. */
  CountDownLatch over() {
    return shared.over();
  }

  /** Returns the counters of what was asked and answered. */
  RequestStatistics statistics() {
    return statistics;
  }

  /** Returns the number of requests that were read and not answered yet. */
  int inFlight() {
    return busyWorkers() + waiting.count();
  }

  /** Returns the number of reply buffers in use. */
  int buffersOut() {
    return busyWorkers() + pool.out();
  }

  private int busyWorkers() {
    return (int) own.stream().filter(reply -> reply.section().isEntered()).count();
  }
}
