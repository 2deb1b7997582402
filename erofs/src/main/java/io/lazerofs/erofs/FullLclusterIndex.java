package io.lazerofs.erofs;

import io.lazerofs.erofs.disk.FullIndex;
import io.lazerofs.erofs.disk.MapHeader;
import java.io.IOException;

/** An index with 8 bytes for each logical cluster ({@link FullIndex}). */
final class FullLclusterIndex implements LclusterIndex {
  private final IndexWindow window;
  private final long start;

  /**
   * @param header where the map header is
   */
  FullLclusterIndex(IndexWindow window, long header) {
    this.window = window;
    this.start = header + MapHeader.SIZE + FullIndex.RESERVED;
  }

  @Override
  public Lcluster at(long lcn) throws IOException {
    long at = window.locate(start + lcn * FullIndex.SIZE, FullIndex.SIZE, "full index");
    FullIndex entry = FullIndex.decode(window.bytes(), at);
    switch (entry.type()) {
      case PLAIN, HEAD1, HEAD2 -> {
        return Lcluster.head(
            entry.type(), entry.clusterOffset(), entry.value(), entry.partial(), entry.hole());
      }
      case NONHEAD -> {
        int back = entry.back();
        return (back & FullIndex.BLOCK_COUNT) == 0
            ? Lcluster.nonHead(back, entry.on(), Lcluster.UNKNOWN)
            : Lcluster.nonHead(1, entry.on(), back & ~FullIndex.BLOCK_COUNT);
      }
    }
    throw new AssertionError(entry.type());
  }

  @Override
  public long endOf(long lcn) {
    return start + (lcn + 1) * FullIndex.SIZE;
  }
}
