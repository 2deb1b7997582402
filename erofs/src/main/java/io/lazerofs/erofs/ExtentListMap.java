package io.lazerofs.erofs;

import io.lazerofs.erofs.disk.ExtentRecord;
import io.lazerofs.erofs.disk.MapHeader;
import java.io.IOException;

/**
 * The map of a compressed inode that has a list of extents: sorted, or one for each logical cluster
 * where the records have no place in the file (kernel: z_erofs_map_blocks_ext in fs/erofs/zmap.c).
 *
 * <p>Where the records have no place on the device either, the pclusters follow each other, and to
 * find one takes the sum of those before it; the map goes on from where it was left, so reading a
 * file on from a place looks at each record once.
 */
final class ExtentListMap implements ExtentMapper.InodeMap {
  private static final String WHAT = "list of extents";

  private final MapHeader header;
  private final long headerAt;
  private final IndexWindow window;
  private final PclusterRules rules;
  private final long size;
  private final int clusterBits;
  private final int recordSize;
  private final long records;

  private long summedRecords;
  private long summedPhysical = -1;

  /**
   * @param headerAt where {@code header} is
   * @param window on the source that holds the header and the list
   * @param size bytes of content
   */
  ExtentListMap(
      MapHeader header,
      long headerAt,
      IndexWindow window,
      PclusterRules rules,
      long size,
      int clusterBits) {
    this.header = header;
    this.headerAt = headerAt;
    this.window = window;
    this.rules = rules;
    this.size = size;
    this.clusterBits = clusterBits;
    this.recordSize = ExtentRecord.size(header.advise());
    this.records = headerAt + MapHeader.SIZE + recordSize - 1 & -recordSize;
  }

  @Override
  public Extent extent(long offset, long wanted) throws IOException {
    return recordSize >= ExtentRecord.SIZE_LOGICAL ? search(offset) : clustered(offset);
  }

  private ExtentRecord record(long position) throws IOException {
    long at = window.locate(position, recordSize, WHAT);
    return ExtentRecord.decode(window.bytes(), at, recordSize);
  }

  /** Finds the last record that begins at or before {@code offset}. */
  private Extent search(long offset) throws IOException {
    long count = header.extentCount();
    long low = 0;
    long high = count;
    long end = size;
    ExtentRecord found = new ExtentRecord(0, 0, 0);
    while (low < high) {
      long middle = low + (high - low) / 2;
      ExtentRecord record = record(records + middle * recordSize);
      if (record.logical() < 0 || record.logical() > offset) {
        if (record.logical() < 0 || record.logical() > end) {
          throw new CorruptImageException(
              records + middle * recordSize,
              "first byte of an extent",
              "at most " + end,
              record.logical());
        }
        high = middle;
        end = record.logical();
      } else {
        low = middle + 1;
        found = record;
      }
    }
    return extent(found, found.logical(), end, low == count && count > 0);
  }

  /** Takes the record of the logical cluster that {@code offset} is in. */
  private Extent clustered(long offset) throws IOException {
    long lcn = offset >> clusterBits;
    long start = lcn << clusterBits;
    long clusterSize = 1L << clusterBits;
    boolean last = size - start <= clusterSize;
    ExtentRecord record =
        recordSize == ExtentRecord.SIZE_STORED ? summed(lcn) : record(records + lcn * recordSize);
    return extent(record, start, last ? size : start + clusterSize, last);
  }

  private ExtentRecord summed(long lcn) throws IOException {
    if (summedPhysical < 0 || lcn < summedRecords) {
      summedRecords = 0;
      summedPhysical = firstPhysical();
    }
    long first = records + Long.BYTES;
    while (summedRecords < lcn) {
      summedPhysical += record(first + summedRecords * recordSize).length();
      summedRecords++;
    }
    return new ExtentRecord(record(first + lcn * recordSize).stored(), summedPhysical, 0);
  }

  /** Returns the first pcluster's place, which 8 bytes before the records tell. */
  private long firstPhysical() throws IOException {
    long low = record(records).stored();
    long high = record(records + Integer.BYTES).stored();
    if (high > Integer.MAX_VALUE) {
      throw new CorruptImageException(
          records, "first byte of the pclusters", "63 bits", "0x%08x%08x".formatted(high, low));
    }
    return high << Integer.SIZE | low;
  }

  private Extent extent(ExtentRecord record, long start, long end, boolean last)
      throws IOException {
    if (last && header.advises(MapHeader.FRAGMENT)) {
      long high = recordSize == ExtentRecord.SIZE_STORED ? 0 : record.physical() << Integer.SIZE;
      return rules.fragment(start, end, high | record.stored(), headerAt);
    }
    int stored = record.length();
    if (stored == 0) {
      return new Extent.Hole(start, end - start);
    }
    long physical = record.physical();
    Extent.Encoding encoding =
        record.format() == 0
            ? rules.verbatim(header.advises(MapHeader.INTERLACED), physical, stored)
            : rules.coded(record.format() - 1, headerAt);
    return rules.pcluster(start, end, physical, stored, encoding, record.partial());
  }
}
