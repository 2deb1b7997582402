package io.lazerofs.erofs;

import static io.lazerofs.erofs.TinyImage.compact;
import static io.lazerofs.erofs.TinyImage.extended;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.lazerofs.erofs.disk.ChunkIndex;
import io.lazerofs.erofs.disk.CompactInode;
import io.lazerofs.erofs.disk.DataLayout;
import io.lazerofs.erofs.disk.DeviceSlot;
import io.lazerofs.erofs.disk.ExtendedInode;
import io.lazerofs.erofs.disk.FileType;
import io.lazerofs.erofs.disk.IncompatibleFeature;
import io.lazerofs.erofs.disk.InodeFormat;
import io.lazerofs.erofs.disk.LittleEndian;
import io.lazerofs.source.ByteSource;
import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Where content lies, on images laid by hand: what mkfs.erofs writes seldom or not at all. */
class LayoutTest {
  private static final int FILE = 0100644;
  private static final int INDEXES = 0x20;
  private static final int WIDE_INDEXES = 0x40;

  @Test
  void flatContentIsOneRunOfWholeBlocks() throws IOException {
    ErofsImage image =
        new TinyImage(16).inode(4, compact(DataLayout.FLAT_PLAIN, FILE, 700, 10)).open();
    Extent extent = image.extent(image.inode(4), 600);
    assertThat(extent).isInstanceOf(Extent.Plain.class);
    assertThat(((Extent.Plain) extent).physical()).isEqualTo(10 * 512);
    assertThat(extent.offset()).isZero();
    assertThat(extent.length()).isEqualTo(1024);
  }

  @Test
  void inlineTailIsExactAndStandsBehindTheInodeAndItsXattrs() throws IOException {
    TinyImage tiny = new TinyImage(16);
    CompactInode plain = compact(DataLayout.FLAT_INLINE, FILE, 515, 10);
    tiny.inode(4, new CompactInode(plain.format(), 2, FILE, 1, 515, 0, 10, 0, 0, 0));
    tiny.put(tiny.offset(4) + 32 + 16, 'a', 'b', 'c');
    ErofsImage image = tiny.open();
    Inode inode = image.inode(4);
    assertThat(image.extent(inode, 0).length()).isEqualTo(512);
    Extent tail = image.extent(inode, 513);
    assertThat(tail).isInstanceOf(Extent.Inline.class);
    assertThat(((Extent.Inline) tail).physical()).isEqualTo(tiny.offset(4) + 48);
    assertThat(tail.offset()).isEqualTo(512);
    assertThat(tail.length()).isEqualTo(3);
    assertThat(Trees.content(image, inode)).endsWith(10, 10, 'a', 'b', 'c');
  }

  @Test
  void allOnesIsAHoleOfAsManyBitsAsTheAddressHas() throws IOException {
    TinyImage tiny = new TinyImage(16);
    tiny.inode(4, compact(DataLayout.FLAT_PLAIN, FILE, 700, -1));
    tiny.inode(6, extended(DataLayout.FLAT_PLAIN, FILE, 0, 1L << 60, -1));
    assertHole(tiny.open().extent(tiny.open().inode(4), 0), 1024);
    assertHole(tiny.open().extent(tiny.open().inode(6), 1L << 59), 1L << 60);

    tiny.incompatible = IncompatibleFeature.WIDE_ADDRESSES.bit();
    assertHole(tiny.open().extent(tiny.open().inode(4), 0), 1024);
    assertThatExceptionOfType(CorruptImageException.class)
        .isThrownBy(() -> tiny.open().extent(tiny.open().inode(6), 0));
    tiny.inode(6, extended(DataLayout.FLAT_PLAIN, FILE, 0xffff, 1L << 60, -1));
    assertHole(tiny.open().extent(tiny.open().inode(6), 0), 1L << 60);
    assertThat(Trees.content(tiny.open(), tiny.open().inode(4))).containsOnly(0).hasSize(700);
  }

  @Test
  void fileWithOneLinkUsesTheLinkFieldAsHighAddress() throws IOException {
    TinyImage tiny = new TinyImage(16);
    tiny.incompatible = IncompatibleFeature.WIDE_ADDRESSES.bit();
    int format = InodeFormat.of(false, DataLayout.FLAT_PLAIN, true);
    tiny.inode(4, new CompactInode(format, 0, FILE, 0, 5, 0, 10, 0, 0, 0));
    tiny.inode(5, new CompactInode(format, 0, FILE, 3, 5, 0, 10, 0, 0, 0));
    ErofsImage image = tiny.open();
    assertThat(image.inode(4).links()).isEqualTo(1);
    assertThat(Trees.content(image, image.inode(4))).containsOnly(10);
    assertThat(image.inode(5).block()).isEqualTo(3L << 32 | 10);
    assertThatExceptionOfType(CorruptImageException.class)
        .isThrownBy(() -> image.extent(image.inode(5), 0));
  }

  @Test
  void chunksThatContinueEachOtherAreOneRunAndHolesAreTheirOwn() throws IOException {
    TinyImage tiny = new TinyImage(16);
    tiny.inode(4, compact(DataLayout.CHUNK_BASED, FILE, 512 * 5 + 1, 0));
    int[] map = {10, 11, -1, -1, 14, 9};
    for (int i = 0; i < map.length; i++) {
      LittleEndian.putI32(tiny.memory, tiny.offset(5) + 4L * i, map[i]);
    }
    ErofsImage image = tiny.open();
    Inode inode = image.inode(4);
    assertPlain(image.extent(inode, 0), 0, 1024, 10 * 512);
    assertPlain(image.extent(inode, 512), 0, 1024, 10 * 512);
    Extent hole = image.extent(inode, 1536);
    assertHole(hole, 1024);
    assertThat(hole.offset()).isEqualTo(1024);
    assertPlain(image.extent(inode, 512 * 4), 512 * 4, 512, 14 * 512);
    assertPlain(image.extent(inode, 512 * 5), 512 * 5, 512, 9 * 512);
    byte[] content = Trees.content(image, inode);
    assertThat(Arrays.copyOfRange(content, 1024, 2048)).containsOnly(0);
    assertThat(Arrays.copyOfRange(content, 512, 1024)).containsOnly(11);
    assertThat(content).endsWith(14, 9);
  }

  @Test
  void chunkMapIsAlignedBehindTheXattrs() throws IOException {
    TinyImage tiny = new TinyImage(16);
    tiny.inode(4, new CompactInode(8, 2, FILE, 1, 512, 0, INDEXES, 0, 0, 0)); // 16 bytes of xattrs
    new ChunkIndex(0, 0, 12).encode(tiny.memory, tiny.offset(5) + 16);
    tiny.inode(8, new CompactInode(8, 3, FILE, 1, 512, 0, INDEXES, 0, 0, 0)); // 20 bytes of xattrs
    new ChunkIndex(0, 0, 13).encode(tiny.memory, tiny.offset(9) + 24);
    ErofsImage image = tiny.open();
    assertThat(Trees.content(image, image.inode(4))).containsOnly(12);
    assertThat(Trees.content(image, image.inode(8))).containsOnly(13);
  }

  @Test
  void highBitsOfAChunkCountOnlyWhereItsFormatSaysSo() throws IOException {
    TinyImage tiny = new TinyImage(16);
    tiny.inode(4, compact(DataLayout.CHUNK_BASED, FILE, 512, INDEXES));
    new ChunkIndex(0xabcd, 0, 12).encode(tiny.memory, tiny.offset(5));
    tiny.inode(8, compact(DataLayout.CHUNK_BASED, FILE, 512, INDEXES | WIDE_INDEXES));
    new ChunkIndex(0xabcd, 0, 12).encode(tiny.memory, tiny.offset(9));
    ErofsImage image = tiny.open();
    assertThat(Trees.content(image, image.inode(4))).containsOnly(12);
    assertThatExceptionOfType(CorruptImageException.class)
        .isThrownBy(() -> image.extent(image.inode(8), 0));
    new ChunkIndex(0xffff, 0, 0xffff_ffffL).encode(tiny.memory, tiny.offset(9));
    assertHole(image.extent(image.inode(8), 0), 512);
  }

  @Test
  void chunksFindTheirDeviceByIdAndByTheSharedAddressSpace() throws IOException {
    TinyImage tiny = new TinyImage(16);
    tiny.incompatible = IncompatibleFeature.DEVICE_TABLE.bit();
    tiny.extraDevices = 2;
    tiny.device(0, new DeviceSlot("first", 4, 100)).device(1, new DeviceSlot("second", 2, 104));
    tiny.inode(4, compact(DataLayout.CHUNK_BASED, FILE, 512 * 3, INDEXES));
    // The mask for two devices is 3: bits above it do not count.
    new ChunkIndex(0, 0xfff4 | 2, 1).encode(tiny.memory, tiny.offset(5));
    new ChunkIndex(0, 0, 103).encode(tiny.memory, tiny.offset(5) + 8);
    new ChunkIndex(0, 0, 12).encode(tiny.memory, tiny.offset(5) + 16);
    ByteSource first = blocks(40, 41, 42, 43);
    ByteSource second = blocks(50, 51);
    ErofsImage image = tiny.open(first, second);
    Inode inode = image.inode(4);
    byte[] content = Trees.content(image, inode);
    assertThat(content[0]).isEqualTo((byte) 51);
    assertThat(content[512]).isEqualTo((byte) 43);
    assertThat(content[1024]).isEqualTo((byte) 12);
    assertThat(((Extent.Plain) image.extent(inode, 0)).source()).isSameAs(second);
    assertThat(image.blocks()).isEqualTo(22);
  }

  @Test
  void runOfChunksEndsWhereItsDeviceDoes() throws IOException {
    TinyImage tiny = new TinyImage(16);
    tiny.incompatible = IncompatibleFeature.DEVICE_TABLE.bit();
    tiny.extraDevices = 2;
    tiny.device(0, new DeviceSlot("first", 4, 100)).device(1, new DeviceSlot("second", 2, 104));
    tiny.inode(4, compact(DataLayout.CHUNK_BASED, FILE, 512 * 4, INDEXES));
    for (int i = 0; i < 4; i++) {
      new ChunkIndex(0, 0, 102 + i).encode(tiny.memory, tiny.offset(5) + 8L * i);
    }
    ErofsImage image = tiny.open(blocks(40, 41, 42, 43), blocks(50, 51));
    Inode inode = image.inode(4);
    assertPlain(image.extent(inode, 512), 0, 1024, 2 * 512);
    assertPlain(image.extent(inode, 1536), 1024, 1024, 0);
    byte[] content = Trees.content(image, inode);
    assertThat(content).startsWith(42).endsWith(51);
    assertThat(Arrays.copyOfRange(content, 512, 1024)).containsOnly(43);
    assertThat(Arrays.copyOfRange(content, 1024, 1536)).containsOnly(50);
  }

  @Test
  void devicesThatAreNotAttachedStandInThePrimaryOne() throws IOException {
    TinyImage tiny = new TinyImage(16);
    tiny.incompatible = IncompatibleFeature.DEVICE_TABLE.bit();
    tiny.extraDevices = 1;
    tiny.device(0, new DeviceSlot("blob", 4, 12));
    tiny.inode(4, compact(DataLayout.CHUNK_BASED, FILE, 512, INDEXES));
    new ChunkIndex(0, 1, 1).encode(tiny.memory, tiny.offset(5));
    ErofsImage image = tiny.open();
    assertThat(Trees.content(image, image.inode(4))).containsOnly(13);
  }

  @Test
  void extendedInodeMayCrossABlock() throws IOException {
    TinyImage tiny = new TinyImage(16);
    tiny.inode(15, extended(DataLayout.FLAT_PLAIN, FILE, 0, 512, 11));
    ErofsImage image = tiny.open();
    assertThat(Trees.content(image, image.inode(15))).containsOnly(11);
  }

  @Test
  void largestBlocksWork() throws IOException {
    TinyImage tiny = new TinyImage(12, 16);
    tiny.compatible = 1;
    tiny.inode(4, compact(DataLayout.FLAT_PLAIN, FILE, 65_537, 10));
    ErofsImage image = tiny.open();
    assertThat(Trees.content(image, image.inode(4))).startsWith(10, 10).endsWith(11);
    assertThat(Trees.list(image, image.inode(0), 0)).hasSize(2);
  }

  @Test
  void inodesMayStandBeforeNidZero() throws IOException {
    TinyImage tiny = new TinyImage(16);
    tiny.inode(-2, extended(DataLayout.FLAT_PLAIN, FILE, 0, 512, 11));
    ErofsImage image = tiny.open();
    assertThat(Trees.content(image, image.inode(-2))).containsOnly(11);
  }

  @Test
  void devicesHaveNumbersAndNoContent() throws IOException {
    TinyImage tiny = new TinyImage(16);
    tiny.inode(4, compact(DataLayout.FLAT_PLAIN, 0020644, 0, 0x103));
    ErofsImage image = tiny.open();
    Inode inode = image.inode(4);
    assertThat(inode.type()).isEqualTo(FileType.CHARACTER_DEVICE);
    assertThat(inode.rdev()).isEqualTo(0x103);
    assertThat(image.inode(0).rdev()).isZero();
    assertThatIllegalArgumentException().isThrownBy(() -> image.extent(inode, 0));
    assertThatIllegalArgumentException().isThrownBy(() -> image.readLink(inode));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> image.lookup(inode, ListedFile.bytes("a")));
  }

  @Test
  void ownersAndLinksOfExtendedInodesAre32BitsWide() throws IOException {
    TinyImage tiny = new TinyImage(16);
    int format = InodeFormat.of(true, DataLayout.FLAT_PLAIN, false);
    tiny.inode(4, new ExtendedInode(format, 0, FILE, 0, 0, 0, 0, -5, -6, -7, 8, 70_000));
    Inode inode = tiny.open().inode(4);
    assertThat(inode.uid()).isEqualTo(-5);
    assertThat(inode.gid()).isEqualTo(-6);
    assertThat(inode.links()).isEqualTo(70_000);
    assertThat(inode.seconds()).isEqualTo(-7);
    assertThat(inode.nanoseconds()).isEqualTo(8);
  }

  @Test
  void offsetsOutsideTheContentAreTheCallersMistake() throws IOException {
    ErofsImage image =
        new TinyImage(16).inode(4, compact(DataLayout.FLAT_PLAIN, FILE, 700, 10)).open();
    Inode inode = image.inode(4);
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> image.extent(inode, 700));
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> image.extent(inode, -1));
  }

  private static ByteSource blocks(int... values) {
    byte[] bytes = new byte[values.length * 512];
    for (int i = 0; i < values.length; i++) {
      Arrays.fill(bytes, i * 512, (i + 1) * 512, (byte) values[i]);
    }
    return new ArraySource(bytes, true);
  }

  private static void assertPlain(Extent extent, long offset, long length, long physical) {
    assertThat(extent).isInstanceOf(Extent.Plain.class);
    assertThat(extent.offset()).isEqualTo(offset);
    assertThat(extent.length()).isEqualTo(length);
    assertThat(((Extent.Plain) extent).physical()).isEqualTo(physical);
  }

  private static void assertHole(Extent extent, long length) {
    assertThat(extent).isInstanceOf(Extent.Hole.class);
    assertThat(extent.length()).isEqualTo(length);
  }
}
