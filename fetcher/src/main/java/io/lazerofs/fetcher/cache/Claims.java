package io.lazerofs.fetcher.cache;

import static io.lazerofs.fetcher.cache.PresenceMap.BLOCK_BYTES;

import io.lazerofs.fetcher.cache.BlockVerifier.Verdict;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.Lock;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The blocks of a blob that are said to be on disk and that nobody verified since an unclean stop.
 *
 * <p>A block is claimed or present or neither; who makes it present takes the claim back first, so
 * that it never counts twice. Safe for use by many threads at once.
 */
final class Claims {
  private static final int READ_BYTES = 32 * BLOCK_BYTES;
  private static final Logger logger = LoggerFactory.getLogger(Claims.class);

  private final BlobKey key;
  private final DataFile data;
  private final PresenceMap present;
  private final PresenceMap claimed;
  private final Lock marking;
  private final CrashPoint.Hook crash;

  /**
   * @param marking held while blocks become present, so that none is evicted meanwhile
   */
  Claims(
      BlobKey key,
      DataFile data,
      PresenceMap present,
      PresenceMap claimed,
      Lock marking,
      CrashPoint.Hook crash) {
    this.key = key;
    this.data = data;
    this.present = present;
    this.claimed = claimed;
    this.marking = marking;
    this.crash = crash;
  }

  /** Returns how many blocks are claimed. */
  long blocks() {
    return claimed.presentBlocks();
  }

  /** Takes the claims of {@code [first, end)} back: the blocks are absent, or present next. */
  void take(long first, long end) {
    if (claimed.presentBlocks() > 0) {
      claimed.clear(first, end);
      crash.reached(CrashPoint.CLAIM_TAKEN);
    }
  }

  /** Makes present what is claimed of a content that is right as a whole. */
  void believe() {
    long first = claimed.nextPresent(0, claimed.blocks());
    while (first < claimed.blocks()) {
      long end = claimed.nextAbsent(first, claimed.blocks());
      claimed.clear(first, end);
      present.mark(first, end);
      crash.reached(CrashPoint.SEAL_BELIEVED);
      first = claimed.nextPresent(end, claimed.blocks());
    }
  }

  /**
   * Makes each claimed block of a range present when it is right, and absent when not.
   *
   * @param end a multiple of a block when something is claimed: only blobs with a tree have claims
   * @param verifier is asked for one when there is something to verify
   * @return how many were wrong
   */
  int verify(long offset, long end, Supplier<BlockVerifier> verifier) throws IOException {
    if (blocks() == 0) {
      return 0;
    }
    long at = next(offset, end);
    int wrong = 0;
    BlockVerifier own = verifier.get();
    ByteBuffer buffer = ByteBuffer.allocate(READ_BYTES);
    while (at < end) {
      long runEnd = Math.min(runEnd(at, end), own.runEnd(at));
      long clearings = present.clearings();
      ByteBuffer run = read(at, buffer.clear().limit((int) Math.min(READ_BYTES, runEnd - at)));
      Verdict verdict = own.verify(at, run);
      crash.reached(CrashPoint.CLAIM_VERIFIED);
      long rightEnd = at + verdict.rightBytes();
      mark(at / BLOCK_BYTES, rightEnd / BLOCK_BYTES, clearings);
      if (verdict.wrong().isPresent()) {
        logger.warn("on disk, after an unclean stop: {}", verdict.wrong().get().getMessage());
        wrong++;
        crash.reached(CrashPoint.CLAIM_WRONG);
      }
      if (verdict.rightBytes() < run.remaining()) {
        take(rightEnd / BLOCK_BYTES, rightEnd / BLOCK_BYTES + 1);
        crash.reached(CrashPoint.CLAIM_DROPPED);
      }
      at = next(rightEnd, end);
    }
    crash.reached(CrashPoint.CLAIM_DONE);
    return wrong;
  }

  /**
   * Makes right blocks present, unless some were cleared since they were read: the disk may not
   * have them any more, and they are absent.
   */
  private void mark(long first, long end, long clearings) {
    marking.lock();
    try {
      take(first, end);
      if (present.clearings() == clearings) {
        present.mark(first, end);
        crash.reached(CrashPoint.CLAIM_MARKED);
      }
    } finally {
      marking.unlock();
    }
  }

  private ByteBuffer read(long offset, ByteBuffer buffer) {
    try {
      data.read(buffer, offset);
    } catch (IOException e) {
      // Zeros are not right by chance: what the disk cannot give is fetched.
      logger.warn("blob {}: cannot be read at {}, after an unclean stop", key, offset, e);
      buffer.put(0, new byte[buffer.limit()]).position(buffer.limit());
    }
    crash.reached(CrashPoint.CLAIM_READ);
    return buffer.flip();
  }

  private long next(long offset, long end) {
    long block = claimed.nextPresent(offset / BLOCK_BYTES, end / BLOCK_BYTES);
    return Math.max(offset, block * BLOCK_BYTES);
  }

  private long runEnd(long offset, long end) {
    return claimed.nextAbsent(offset / BLOCK_BYTES, end / BLOCK_BYTES) * BLOCK_BYTES;
  }
}
