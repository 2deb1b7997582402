package io.lazerofs.fuse;

import static io.lazerofs.fuse.Protocol.Feature;

/**
 * What INIT settled between the kernel and this server, once for the life of a session.
 *
 * <p>Together with the {@code /dev/fuse} descriptor it is all that another process needs to serve a
 * running mount on.
 *
 * @param minor the protocol's minor version
 * @param maxReadAhead the most that the kernel may read ahead, bytes; it sets a lower limit itself
 * @param features bits of {@code Protocol.Feature} that are in force
 * @param maxPages the most data of one request or reply, in units of 4096 bytes
 */
public record SessionState(int minor, int maxReadAhead, long features, int maxPages) {
  /** Requests that may wait in the background (read-ahead, asynchronous direct I/O). */
  static final int MAX_BACKGROUND = 1024;

  /** From here on the kernel thinks of the device as congested. */
  static final int CONGESTION_THRESHOLD = 768;

  /** What is taken of what a kernel offers. */
  static final long WANTED =
      Feature.ASYNC_READ
          | Feature.ASYNC_DIO
          | Feature.PARALLEL_DIROPS
          | Feature.DO_READDIRPLUS
          | Feature.READDIRPLUS_AUTO
          | Feature.MAX_PAGES
          | Feature.CACHE_SYMLINKS
          | Feature.NO_OPEN_SUPPORT
          | Feature.NO_OPENDIR_SUPPORT
          | Feature.EXPLICIT_INVAL_DATA
          | Feature.HAS_RESEND
          | Feature.ALLOW_IDMAP
          | Feature.INIT_EXT;

  /** What no session works without: nothing here answers an OPEN or an OPENDIR with a handle. */
  private static final long NEEDED = Feature.NO_OPEN_SUPPORT | Feature.NO_OPENDIR_SUPPORT;

  /** The most pages of one request without {@link Feature#MAX_PAGES}, and with it. */
  private static final int PAGES_BY_DEFAULT = 32;

  private static final int MOST_PAGES = 256;

  /**
   * Answers what a kernel offers in INIT.
   *
   * @param wanted bits of {@link Protocol.Feature} that are taken where they are offered
   * @throws UnsupportedKernelException when it lacks what a session needs
   */
  static SessionState negotiate(Request.Initialize offer, long wanted)
      throws UnsupportedKernelException {
    // A newer major version waits for a reply that names ours, and then asks again in our terms.
    boolean tooOld = offer.major() == Protocol.MAJOR && offer.minor() < Protocol.OLDEST_MINOR;
    if (offer.major() < Protocol.MAJOR || tooOld || (offer.features() & NEEDED) != NEEDED) {
      throw new UnsupportedKernelException(offer);
    }
    long features = offer.features() & wanted;
    return new SessionState(
        Math.min(offer.minor(), Protocol.NEWEST_MINOR),
        offer.maxReadAhead(),
        features,
        (features & Feature.MAX_PAGES) != 0 ? MOST_PAGES : PAGES_BY_DEFAULT);
  }

  /**
   * Whether the kernel sends what a dead server took and did not answer again to the one that takes
   * the session over (Linux 6.9).
   */
  public boolean resends() {
    return (features & Feature.HAS_RESEND) != 0;
  }

  /** Returns the most data that a reply carries, in bytes. */
  int maxDataBytes() {
    return maxPages * Protocol.PAGE_BYTES;
  }
}
