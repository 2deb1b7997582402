package io.lazerofs.fetcher.cache;

import static io.lazerofs.fetcher.cache.CachedBlob.BLOCK_BYTES;

import io.lazerofs.fetcher.cache.BlockVerifier.Verdict;
import io.lazerofs.fetcher.cache.CachedBlob.Outcome;
import io.lazerofs.fetcher.cache.ScrubReport.WrongRange;
import io.lazerofs.source.Digest;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads again what is present of one blob, holds it against its hash tree or, when it is complete
 * and has none, against its digest, and makes absent what is wrong, so that it is fetched again.
 *
 * <p>The tree is read before the data, from its top down: a block of the tree that is wrong is
 * absent when the blocks below it come, which it cannot condemn then. Nothing is fetched. Readers
 * and fetches go on meanwhile. For one thread, once.
 */
final class Scrub {
  private static final int READ_BYTES = 64 * BLOCK_BYTES;

  /** Nothing is fetched: a hash that is absent stays so. */
  private static final HashTreeSource PRESENT_ONLY = (offset, length) -> false;

  private final CachedBlob blob;
  private final List<WrongRange> wrong = new ArrayList<>();
  private final ByteBuffer buffer = ByteBuffer.allocate(READ_BYTES);
  private long rightBytes;
  private long unverifiableBytes;

  Scrub(CachedBlob blob) {
    this.blob = blob;
  }

  ScrubReport run() throws IOException {
    if (blob.tree().isPresent()) {
      verifyBlocks(blob.treeOffset(), blob.size());
      verifyBlocks(0, blob.treeOffset());
    } else if (blob.isSealed()) {
      verifyWhole();
    } else {
      unverifiableBytes = blob.presentBytes();
    }
    return new ScrubReport(
        blob.key(),
        rightBytes,
        unverifiableBytes,
        wrong.stream().sorted((a, b) -> Long.compare(a.start(), b.start())).toList());
  }

  private void verifyBlocks(long start, long end) throws IOException {
    // What an unclean stop left becomes present or absent by this; what is wrong of it is logged.
    List<WrongRange> claimed = blob.claimedRanges(start, end);
    int wrongClaims = blob.verifyClaims(start, end - start, PRESENT_ONLY);
    if (wrongClaims > 0) {
      claimed.forEach(this::addAbsentOf);
    }
    BlockVerifier verifier = blob.verifier(PRESENT_ONLY);
    long at = blob.firstPresent(start, end);
    while (at < end) {
      long runEnd = Math.min(blob.firstAbsent(at, end), verifier.runEnd(at));
      int length = (int) Math.min(READ_BYTES, runEnd - at);
      at = read(at, length) ? verify(verifier, at) : at + BLOCK_BYTES;
      at = blob.firstPresent(Math.min(at, end), end);
    }
  }

  private void addAbsentOf(WrongRange claimed) {
    for (long at = blob.firstAbsent(claimed.start(), claimed.end()); at < claimed.end(); ) {
      long end = blob.firstPresent(at, claimed.end());
      add(at, end);
      at = blob.firstAbsent(end, claimed.end());
    }
  }

  /** Verifies what was read; returns where to go on. */
  private long verify(BlockVerifier verifier, long offset) throws IOException {
    int length = buffer.remaining();
    Verdict verdict = verifier.verify(offset, buffer);
    rightBytes += verdict.rightBytes();
    long next = offset + verdict.rightBytes();
    if (verdict.wrong().isPresent()) {
      // The two blocks at a tree's top verify each other: nobody knows which of them is wrong.
      long start = Math.max(blob.verifiableStart(next), offset);
      long end = Math.min(blob.verifiableEnd(next + BLOCK_BYTES), offset + length);
      blob.drop(start, end);
      add(start, end);
      return end;
    }
    if (verdict.rightBytes() < length) {
      unverifiableBytes += BLOCK_BYTES;
      return next + BLOCK_BYTES;
    }
    return next;
  }

  private void verifyWhole() throws IOException {
    MessageDigest sha256 = Digest.sha256();
    for (long at = 0; at < blob.size(); at += buffer.limit()) {
      if (!read(at, (int) Math.min(READ_BYTES, blob.size() - at))) {
        // Evicted meanwhile, or the disk does not give it: there is no whole any more.
        unverifiableBytes = blob.presentBytes();
        return;
      }
      sha256.update(buffer.duplicate());
    }
    if (Digest.ofRaw(sha256.digest()).equals(blob.digest())) {
      rightBytes = blob.size();
    } else {
      blob.drop(0, blob.size());
      add(0, blob.size());
    }
  }

  private boolean read(long offset, int length) throws IOException {
    buffer.clear().limit(length);
    return blob.read(offset, MemorySegment.ofBuffer(buffer), 0, length) == Outcome.READ;
  }

  private void add(long start, long end) {
    WrongRange last = wrong.isEmpty() ? null : wrong.getLast();
    if (last != null && last.end() == start) {
      wrong.set(wrong.size() - 1, new WrongRange(last.start(), end));
    } else {
      wrong.add(new WrongRange(start, end));
    }
  }
}
