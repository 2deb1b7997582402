package io.lazerofs.fuse;

import io.lazerofs.fuse.sys.Transport;

/**
 * The requests that a dead server took and did not answer, on a kernel that does not send them
 * again: whoever waits for one gets an error at least, and may try again.
 *
 * <p>Nobody knows which they are. But the kernel counts {@code unique} up by {@link #STEP}, and
 * what was taken before has a lower one than what comes next; a reply to one that nobody waits for
 * is answered ENOENT and does no harm.
 */
final class LostRequests {
  /** What the kernel counts requests by (fs/fuse/dev.c, FUSE_REQ_ID_STEP). */
  private static final int STEP = 2;

  /** How many requests back one may have been taken; takes about a second. */
  private static final int MOST = 1 << 20;

  private LostRequests() {}

  /**
   * Answers EIO to those before the first request of this server.
   *
   * @param first its {@code unique}; no request is to be taken meanwhile
   * @return how many there were
   */
  static int fail(Transport device, long first) {
    Reply reply = new Reply(Protocol.PAGE_BYTES);
    int lost = 0;
    for (long back = 1; back <= MOST && first - back * STEP > 0; back++) {
      reply.fail(Errno.EIO);
      if (reply.send(device, first - back * STEP) >= 0) {
        lost++;
      }
    }
    return lost;
  }
}
