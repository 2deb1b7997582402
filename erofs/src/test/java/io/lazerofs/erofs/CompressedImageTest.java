package io.lazerofs.erofs;

import static io.lazerofs.erofs.TinyImage.compact;
import static io.lazerofs.erofs.TinyImage.extended;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lazerofs.erofs.disk.DataLayout;
import io.lazerofs.erofs.disk.ExtentRecord;
import io.lazerofs.erofs.disk.FullIndex;
import io.lazerofs.erofs.disk.IncompatibleFeature;
import io.lazerofs.erofs.disk.LclusterType;
import io.lazerofs.erofs.disk.MapHeader;
import java.io.IOException;
import java.util.Arrays;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Maps of compressed files by hand: the forms that no fixture has, and what is wrong with a map.
 */
class CompressedImageTest {
  private static final int FILE = 0100644;
  private static final int BLOCK = 512;
  private static final long NID = 4;

  private final TinyImage tiny = new TinyImage(16);

  private static void assertCorrupt(String what, ThrowingCallable call) {
    assertThatExceptionOfType(CorruptImageException.class)
        .isThrownBy(call)
        .satisfies(e -> assertThat(e.what()).contains(what));
  }

  /** Puts a file of one map header, with the index at {@link #entries}. */
  private void file(DataLayout layout, long size, MapHeader header) {
    tiny.inode(NID, extended(layout, FILE, 0, size, 0));
    header.encode(tiny.memory, tiny.offset(NID + 2));
  }

  private long entries() {
    return tiny.offset(NID + 2) + MapHeader.SIZE + (long) FullIndex.RESERVED;
  }

  private void index(int lcn, FullIndex entry) {
    entry.encode(tiny.memory, entries() + (long) lcn * FullIndex.SIZE);
  }

  private static FullIndex plain(int clusterOffset, int block) {
    return FullIndex.head(LclusterType.PLAIN, false, clusterOffset, block);
  }

  private byte[] content() throws IOException {
    ErofsImage image = tiny.open();
    return Trees.content(image, image.inode(NID));
  }

  private void record(long at, int size, ExtentRecord record) {
    record.encode(tiny.memory, at, size);
  }

  @Test
  void plainPclustersOfAFullIndexReadAsTheyAre() throws IOException {
    file(DataLayout.COMPRESSED_FULL, 1000, new MapHeader(0, 0, 0, 0));
    index(0, plain(0, 10));
    index(1, plain(0, 12));
    byte[] expected = new byte[1000];
    Arrays.fill(expected, 0, BLOCK, (byte) 10);
    Arrays.fill(expected, BLOCK, 1000, (byte) 12);
    assertThat(content()).isEqualTo(expected);
  }

  @Test
  void interlacedPclusterThatCrossesABlockBorderBeginsWhereItStandsInTheFile() throws IOException {
    int advise = MapHeader.EXTENTS | MapHeader.INTERLACED | 2 << 1;
    file(DataLayout.COMPRESSED_FULL, 900, new MapHeader(2, advise, 0, 0));
    long records = tiny.offset(NID + 2) + 16;
    record(records, 16, new ExtentRecord(BLOCK, 10 * BLOCK, 0));
    record(records + 16, 16, new ExtentRecord(BLOCK, 11 * BLOCK, 400));
    for (int i = 0; i < BLOCK; i++) {
      tiny.put(11L * BLOCK + i, i & 0xff);
    }
    byte[] content = content();
    for (int i = 400; i < 900; i++) {
      assertThat(content[i]).as("byte %d", i).isEqualTo((byte) (i % BLOCK));
    }
  }

  @Test
  void listsOfExtentsOfEachRecordSizeReadTheSame() throws IOException {
    byte[] expected = new byte[1200];
    Arrays.fill(expected, 0, 512, (byte) 10);
    Arrays.fill(expected, 512, 1024, (byte) 11);
    Arrays.fill(expected, 1024, 1200, (byte) 12);
    for (int code = 0; code < 4; code++) {
      int size = 4 << code;
      int advise = MapHeader.EXTENTS | code << 1;
      long count = code < 2 ? 0 : 3;
      file(DataLayout.COMPRESSED_FULL, 1200, new MapHeader(count, advise, 0, 0));
      long at = (tiny.offset(NID + 2) + MapHeader.SIZE + size - 1) & -size;
      if (code == 0) {
        record(at, 8, new ExtentRecord(10 * BLOCK, 0, 0));
        at += 8;
      }
      for (int i = 0; i < 3; i++) {
        record(
            at + (long) i * size,
            size,
            new ExtentRecord(BLOCK, (10L + i) * BLOCK, (long) i * BLOCK));
      }
      assertThat(content()).as("records of %d bytes", size).isEqualTo(expected);
    }
  }

  @Test
  void extentsOfLengthZeroAndWhatNoRecordCoversAreHoles() throws IOException {
    file(DataLayout.COMPRESSED_FULL, 1536, new MapHeader(2, MapHeader.EXTENTS | 2 << 1, 0, 0));
    long at = tiny.offset(NID + 2) + 16;
    record(at, 16, new ExtentRecord(BLOCK, 10 * BLOCK, 512));
    record(at + 16, 16, new ExtentRecord(0, 0, 1024));
    byte[] expected = new byte[1536];
    Arrays.fill(expected, 512, 1024, (byte) 10);
    assertThat(content()).isEqualTo(expected);
    ErofsImage image = tiny.open();
    assertThat(image.extent(image.inode(NID), 5)).isEqualTo(new Extent.Hole(0, 512));
    assertThat(image.extent(image.inode(NID), 1030)).isEqualTo(new Extent.Hole(1024, 512));
  }

  @Test
  void holesOfAnIndexAreZeros() throws IOException {
    tiny.incompatible = IncompatibleFeature.COMPRESSION_CONFIGS.bit();
    int big = MapHeader.BIG_PCLUSTER_1 | MapHeader.BIG_PCLUSTER_2;
    file(DataLayout.COMPRESSED_FULL, 1024, new MapHeader(0, big, 0, 0));
    index(0, plain(0, 10));
    index(1, FullIndex.nonHead(FullIndex.BLOCK_COUNT, 1));
    assertThat(content()).isEqualTo(new byte[1024]);
    file(DataLayout.COMPRESSED_FULL, 512, new MapHeader(0, 0, 0, 0));
    index(0, new FullIndex(LclusterType.HEAD1, false, true, 0, 10));
    assertThat(content()).isEqualTo(new byte[512]);
  }

  @Test
  void badIndexesAreRefused() {
    file(DataLayout.COMPRESSED_FULL, 1024, new MapHeader(0, 0, 0, 0));
    index(0, plain(1, 10));
    assertCorrupt("distance back", this::content);
    index(0, FullIndex.nonHead(0, 0));
    assertCorrupt("distance back", this::content);
    index(0, FullIndex.nonHead(1, 1));
    assertCorrupt("distance back", this::content);
    index(0, plain(BLOCK, 10));
    assertCorrupt("cluster offset", this::content);
    index(0, plain(0, 10));
    index(1, FullIndex.nonHead(1, 1));
    assertCorrupt("bytes that a pcluster stands for", this::content);
    index(1, plain(0, 16));
    assertCorrupt("pcluster", this::content);
    index(1, FullIndex.head(LclusterType.HEAD2, false, 0, 10));
    file(DataLayout.COMPRESSED_FULL, 1024, new MapHeader(0, 0, 0x30, 0));
    assertCorrupt("compression algorithm", this::content);
    file(DataLayout.COMPRESSED_FULL, 1024, new MapHeader(0, 0, 0x40, 0));
    assertThatExceptionOfType(UnsupportedFeatureException.class)
        .isThrownBy(this::content)
        .satisfies(e -> assertThat(e.bits()).isEqualTo(4));
    index(1, FullIndex.head(LclusterType.HEAD1, false, 0, 10));
    assertCorrupt("LZ4 pcluster", this::content);
  }

  @Test
  void bigPclustersNeedTheirNumberOfBlocks() {
    int big = MapHeader.BIG_PCLUSTER_1 | MapHeader.BIG_PCLUSTER_2;
    file(DataLayout.COMPRESSED_FULL, 1024, new MapHeader(0, big, 0, 0));
    index(0, FullIndex.head(LclusterType.HEAD1, false, 0, 10));
    index(1, FullIndex.nonHead(1, 1));
    assertCorrupt("after a head", this::content);
    index(1, FullIndex.nonHead(FullIndex.BLOCK_COUNT | 0x7ff, 1));
    assertCorrupt("pcluster", this::content);
    file(DataLayout.COMPRESSED_COMPACT, 1024, new MapHeader(0, MapHeader.BIG_PCLUSTER_1, 0, 0));
    assertCorrupt("big pclusters", this::content);
  }

  @ParameterizedTest
  @ValueSource(longs = {1L << 20, 1L << 40, Long.MAX_VALUE})
  void indexesThatTheImageDoesNotHoldAreRefused(long size) throws IOException {
    for (DataLayout layout :
        new DataLayout[] {DataLayout.COMPRESSED_FULL, DataLayout.COMPRESSED_COMPACT}) {
      file(layout, size, new MapHeader(0, 0, 0, 0));
      ErofsImage image = tiny.open();
      assertCorrupt("index", () -> image.extent(image.inode(NID), size - 1));
    }
  }

  @Test
  void fragmentsStayInsideThePackedInode() throws IOException {
    file(DataLayout.COMPRESSED_COMPACT, 600, new MapHeader(5, 0, 0, 0x80));
    assertCorrupt("fragment", this::content);
    tiny.incompatible = IncompatibleFeature.FRAGMENTS.bit();
    tiny.packedNid = 20;
    tiny.inode(20, compact(DataLayout.FLAT_PLAIN, FILE, 605, 10));
    assertThat(content()).hasSize(600).startsWith(10).endsWith(11);
    tiny.inode(20, compact(DataLayout.FLAT_PLAIN, FILE, 604, 10));
    assertCorrupt("fragment", this::content);
    tiny.inode(20, compact(DataLayout.COMPRESSED_COMPACT, FILE, 700, 0));
    new MapHeader(0, 0, 0, 0x80).encode(tiny.memory, tiny.offset(21));
    assertCorrupt("fragment", this::content);
    tiny.inode(20, compact(DataLayout.FLAT_PLAIN, 020644, 604, 10));
    assertCorrupt("packed inode", tiny::open);
    tiny.packedNid = Long.MIN_VALUE | 20;
    assertCorrupt("nid", tiny::open);
  }
}
