package io.lazerofs.fetcher.cache;

import java.util.List;

/**
 * What was found when the present bytes of a blob were read again.
 *
 * @param rightBytes bytes that are what the hash tree or the digest names
 * @param unverifiableBytes bytes of which that cannot be told: of a blob without a hash tree that
 *     is not complete, or below a block of the tree that is absent; they stay
 * @param wrong ranges that were wrong, in ascending order; they are absent now
 */
public record ScrubReport(
    BlobKey key, long rightBytes, long unverifiableBytes, List<WrongRange> wrong) {

  public ScrubReport {
    wrong = List.copyOf(wrong);
  }

  /**
   * A range of wrong bytes, in whole blocks.
   *
   * @param end one more than its last byte
   */
  public record WrongRange(long start, long end) {}
}
