package io.lazerofs.fetcher.lazy;

import io.lazerofs.verity.VerityGeometry;
import java.util.ArrayList;
import java.util.List;

/** The blocks of a hash tree on the way from the root hash to data. */
final class TreePath {
  private TreePath() {}

  /**
   * Returns a range of each level, the highest first and with the superblock before it, by which a
   * range is verified; none for a range of the tree itself.
   *
   * @param range not empty
   */
  static List<ByteRange> of(VerityGeometry tree, ByteRange range) {
    List<ByteRange> path = new ArrayList<>();
    if (range.end() > tree.hashOffset()) {
      return path;
    }
    long first = range.start();
    long last = range.end() - 1;
    for (int level = 0; level < tree.levels(); level++) {
      first = tree.hashOf(first).block();
      last = tree.hashOf(last).block();
      path.addFirst(new ByteRange(first, last + VerityGeometry.BLOCK_BYTES));
    }
    path.addFirst(new ByteRange(tree.hashOffset(), tree.hashOffset() + VerityGeometry.BLOCK_BYTES));
    return path;
  }
}
