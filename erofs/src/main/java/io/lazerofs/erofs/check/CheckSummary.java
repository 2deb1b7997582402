package io.lazerofs.erofs.check;

/**
 * What a check has covered.
 *
 * @param inodes number of inodes that were reached, each once
 * @param contentBytes bytes of content that were decoded, holes not counted
 * @param faults number of faults
 */
public record CheckSummary(long inodes, long contentBytes, long faults) {

  /** Whether nothing is wrong. */
  public boolean clean() {
    return faults == 0;
  }
}
