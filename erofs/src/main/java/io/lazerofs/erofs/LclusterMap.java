package io.lazerofs.erofs;

import io.lazerofs.erofs.disk.LclusterType;
import io.lazerofs.erofs.disk.MapHeader;
import io.lazerofs.source.ByteSource;
import java.io.IOException;

/**
 * The map of a compressed inode that has an index of logical clusters (kernel:
 * z_erofs_map_blocks_fo in fs/erofs/zmap.c).
 *
 * <pre>{@code
 * lcluster  0          1          2          3          4
 *           │HEAD      │NONHEAD   │NONHEAD   │HEAD      │
 *           │  ┌───────────────────────────────┐        │
 * content   │..│ one pcluster's bytes          │ next's │
 *              ▲ cluster offset of 0           ▲ cluster offset of 3
 * }</pre>
 *
 * <p>However an index jumps, one look at it follows no more clusters than a pcluster may have: a
 * search ends with an exception when it leaves {@link PclusterRules#MAX_DECODED} bytes behind.
 */
final class LclusterMap implements ExtentMapper.InodeMap {
  private final MapHeader header;
  private final long headerAt;
  private final LclusterIndex index;
  private final PclusterRules rules;
  private final ByteSource source;
  private final long size;
  private final int clusterBits;
  private final int blockBits;

  /**
   * @param headerAt where {@code header} is on {@code source}
   * @param source what holds the index, and the last pcluster when that is behind the index
   * @param size bytes of content
   */
  LclusterMap(
      MapHeader header,
      long headerAt,
      LclusterIndex index,
      PclusterRules rules,
      ByteSource source,
      long size,
      int clusterBits,
      int blockBits) {
    this.header = header;
    this.headerAt = headerAt;
    this.index = index;
    this.rules = rules;
    this.source = source;
    this.size = size;
    this.clusterBits = clusterBits;
    this.blockBits = blockBits;
  }

  /** A cluster that a pcluster begins in, and its number. */
  private record Head(long lcn, Lcluster lcluster) {}

  @Override
  public Extent extent(long offset, long wanted) throws IOException {
    long lcn = offset >> clusterBits;
    Lcluster at = cluster(lcn);
    long inCluster = offset - (lcn << clusterBits);
    Head head;
    long end;
    if (at.isHead() && inCluster >= at.clusterOffset()) {
      head = new Head(lcn, at);
      end = next(head, lcn + 1);
    } else if (at.isHead()) {
      head = head(lcn, 1);
      end = (lcn << clusterBits) + at.clusterOffset();
    } else {
      head = head(lcn, at.back());
      end = next(head, lcn + at.on());
    }
    return extent(head, Math.min(end, size));
  }

  private Lcluster cluster(long lcn) throws IOException {
    Lcluster cluster = index.at(lcn);
    if (cluster.isHead() && cluster.clusterOffset() >= 1L << clusterBits) {
      throw corrupt("cluster offset", "less than " + (1L << clusterBits), cluster.clusterOffset());
    }
    return cluster;
  }

  /** Looks back for the head of the pcluster that reaches into a cluster. */
  private Head head(long lcn, int back) throws IOException {
    long at = lcn;
    int distance = back;
    while (distance > 0 && distance <= at && near(at - distance, lcn)) {
      at -= distance;
      Lcluster cluster = cluster(at);
      if (cluster.isHead()) {
        return new Head(at, cluster);
      }
      distance = cluster.back();
    }
    throw corrupt("distance back from logical cluster " + at, "one to a head", distance);
  }

  /** Looks on, from cluster {@code from}, for the end of a pcluster: the next head, or the end. */
  private long next(Head head, long from) throws IOException {
    long lcn = from;
    while (lcn << clusterBits < size) {
      if (!near(head.lcn(), lcn)) {
        throw corrupt(
            "bytes that a pcluster stands for",
            "at most " + PclusterRules.MAX_DECODED,
            lcn - head.lcn() << clusterBits);
      }
      Lcluster cluster = cluster(lcn);
      if (cluster.isHead()) {
        return (lcn << clusterBits) + cluster.clusterOffset();
      }
      lcn += cluster.on();
    }
    return size;
  }

  /** Whether a pcluster of the first cluster can reach to the last one. */
  private boolean near(long first, long last) {
    return last - first <= (PclusterRules.MAX_DECODED >> clusterBits) + 1;
  }

  private Extent extent(Head head, long end) throws IOException {
    Lcluster lcluster = head.lcluster();
    long start = (head.lcn() << clusterBits) + lcluster.clusterOffset();
    boolean last = end == size;
    if (last && header.advises(MapHeader.FRAGMENT)) {
      boolean wide = index instanceof FullLclusterIndex;
      long high = wide ? lcluster.block() << Integer.SIZE : 0;
      return rules.fragment(start, end, high | header.low(), headerAt);
    }
    if (last && header.inlineSize() > 0) {
      return inline(lcluster, start, end);
    }
    int blocks = lcluster.hole() ? 0 : blocks(head);
    if (blocks == 0) {
      return new Extent.Hole(start, end - start);
    }
    long physical = Checked.blockOffset(lcluster.block(), blockBits, "pcluster's block");
    long stored = (long) blocks << blockBits;
    return rules.pcluster(
        start, end, physical, stored, encoding(lcluster, physical, stored), lcluster.partial());
  }

  private Extent inline(Lcluster head, long start, long end) throws IOException {
    long physical = index.endOf(size - 1 >> clusterBits);
    int stored = header.inlineSize();
    long restOfBlock = (1L << blockBits) - (physical & (1L << blockBits) - 1);
    if (stored > restOfBlock) {
      throw new CorruptImageException(
          physical, "inline pcluster", "at most " + restOfBlock + " bytes", stored);
    }
    Extent.Encoding encoding = encoding(head, physical, stored);
    return rules.pcluster(start, end, source, physical, stored, encoding, head.partial());
  }

  private Extent.Encoding encoding(Lcluster head, long physical, long stored)
      throws ErofsException {
    return head.type() == LclusterType.PLAIN
        ? rules.verbatim(header.advises(MapHeader.INTERLACED), physical, stored)
        : rules.coded(header.algorithmCode(head.type()), headerAt);
  }

  /** Returns the number of blocks of a pcluster: what the cluster after the head says, or one. */
  private int blocks(Head head) throws IOException {
    boolean first = head.lcluster().type() == LclusterType.HEAD1;
    long next = head.lcn() + 1;
    if (!header.advises(first ? MapHeader.BIG_PCLUSTER_1 : MapHeader.BIG_PCLUSTER_2)
        || next << clusterBits >= size) {
      return 1;
    }
    Lcluster after = cluster(next);
    if (after.isHead()) {
      return 1;
    }
    if (after.blocks() == Lcluster.UNKNOWN) {
      throw corrupt("cluster " + next + " after a head", "the number of blocks", after.back());
    }
    return after.blocks();
  }

  private CorruptImageException corrupt(String what, String expected, long actual) {
    return new CorruptImageException(headerAt, what, expected, actual);
  }
}
