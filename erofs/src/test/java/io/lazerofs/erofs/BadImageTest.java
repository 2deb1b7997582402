package io.lazerofs.erofs;

import static io.lazerofs.erofs.TinyImage.compact;
import static io.lazerofs.erofs.TinyImage.extended;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lazerofs.erofs.disk.ChunkIndex;
import io.lazerofs.erofs.disk.DataLayout;
import io.lazerofs.erofs.disk.DeviceSlot;
import io.lazerofs.erofs.disk.ExtendedInode;
import io.lazerofs.erofs.disk.IncompatibleFeature;
import io.lazerofs.erofs.disk.LittleEndian;
import io.lazerofs.erofs.disk.Superblock;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is wrong with an image is found where it is met, and said. */
class BadImageTest {
  private static final int FILE = 0100644;
  private static final int DIRECTORY = 040755;
  private static final int SYMLINK = 0120777;

  private static void assertCorrupt(String what, ThrowingCallable call) {
    assertThatExceptionOfType(CorruptImageException.class)
        .isThrownBy(call)
        .withMessageContaining(what)
        .satisfies(e -> {
          assertThat(e.what()).contains(what);
          assertThat(e.expected()).isNotEmpty();
          assertThat(e.actual()).isNotEmpty();
        });
  }

  private static void assertUnsupported(String name, long bits, ThrowingCallable call) {
    assertThatExceptionOfType(UnsupportedFeatureException.class)
        .isThrownBy(call)
        .withMessageContaining(name)
        .withMessageContaining(Long.toHexString(bits))
        .satisfies(e -> assertThat(e.bits()).isEqualTo(bits));
  }

  @Test
  void truncatedImagesAreRefused() throws IOException {
    byte[] whole = Fixture.named("block-512").imageBytes();
    for (int length = 0; length <= whole.length - 512; length += length < 4096 ? 1 : 509) {
      ArraySource part = new ArraySource(whole, true).first(length);
      assertThatExceptionOfType(CorruptImageException.class)
          .as("%d bytes", length)
          .isThrownBy(() -> ErofsImage.open(part, List.of()));
    }
  }

  @Test
  void contentCutShortIsNeverZeros() throws IOException {
    TinyImage tiny = new TinyImage(16).inode(4, compact(DataLayout.FLAT_PLAIN, FILE, 1024, 14));
    byte[] whole = tiny.bytes;
    tiny.source();
    ErofsImage image =
        ErofsImage.open(new ArraySource(Arrays.copyOf(whole, whole.length - 1), true), List.of());
    Inode inode = image.inode(4);
    assertCorrupt("file content", () -> Trees.content(image, inode));
    assertCorrupt("file content", () -> image.extent(inode, 0));
  }

  @Test
  void randomBytesAreNoImage() {
    long seed = new Random().nextLong();
    byte[] bytes = new byte[8192];
    new Random(seed).nextBytes(bytes);
    assertCorrupt("magic number", () -> ErofsImage.open(new ArraySource(bytes, true), List.of()));
  }

  @ParameterizedTest
  @ValueSource(ints = {0x200, 0x8000_0000, 0x0001_0001})
  void unknownIncompatibleFeaturesAreRefused(int bits) {
    TinyImage tiny = new TinyImage(16);
    tiny.incompatible = bits;
    assertUnsupported("unknown incompatible features", bits & 0xffff_fe00L, tiny::open);
  }

  @ParameterizedTest
  @EnumSource(IncompatibleFeature.class)
  void knownFeaturesDoNotStandInTheWayOfWhatDoesNotUseThem(IncompatibleFeature feature)
      throws IOException {
    TinyImage tiny = new TinyImage(16);
    tiny.incompatible = feature.bit();
    ErofsImage image = tiny.open();
    assertThat(Trees.list(image, image.inode(0), 0)).hasSize(2);
  }

  @Test
  void everyBitUnderTheChecksumCounts() throws IOException {
    byte[] bytes = Fixture.named("plain").imageBytes();
    Random random = new Random(1);
    for (int i = 0; i < 300; i++) {
      int at = Superblock.OFFSET + 4 + random.nextInt(4096 - Superblock.OFFSET - 4);
      byte original = bytes[at];
      bytes[at] ^= (byte) (1 << random.nextInt(8));
      assertThatExceptionOfType(ErofsException.class)
          .as("bit in byte %d", at)
          .isThrownBy(() -> ErofsImage.open(new ArraySource(bytes, true), List.of()));
      bytes[at] = original;
    }
  }

  @Test
  void badSuperblocksAreRefused() throws IOException {
    TinyImage tiny = new TinyImage(16);
    byte[] bytes = tiny.bytes;
    for (int bits : new int[] {0, 8, 17, 63, 255}) {
      tiny.source();
      bytes[Superblock.OFFSET + 12] = (byte) bits;
      assertCorrupt("block bits", () -> ErofsImage.open(new ArraySource(bytes, true), List.of()));
    }
    tiny.directoryBlockBits = 1;
    assertUnsupported("directory block size", 1, tiny::open);
    tiny.directoryBlockBits = 0;
    tiny.fixedNanoseconds = 1_000_000_000;
    assertCorrupt("nanoseconds", tiny::open);
    tiny.fixedNanoseconds = 0;
    tiny.inode(0, compact(DataLayout.FLAT_PLAIN, FILE, 0, 0));
    assertCorrupt("root inode", tiny::open);
  }

  @Test
  void devicesMustBeThoseOfTheTable() throws IOException {
    Fixture fixture = Fixture.named("tar-index");
    ArraySource primary = new ArraySource(fixture.imageBytes(), true);
    byte[] tar = fixture.deviceBytes().getFirst();
    ArraySource device = new ArraySource(tar, true);
    assertCorrupt("extra device", () -> ErofsImage.open(primary, List.of()));
    assertCorrupt("extra devices", () -> ErofsImage.open(primary, List.of(device, device)));
    ArraySource cut = new ArraySource(Arrays.copyOf(tar, tar.length / 2), true);
    assertCorrupt("extra device 1", () -> ErofsImage.open(primary, List.of(cut)));
    ArraySource plain = new ArraySource(Fixture.named("plain").imageBytes(), true);
    assertCorrupt("extra devices", () -> ErofsImage.open(plain, List.of(device)));
    TinyImage tiny = new TinyImage(16);
    tiny.incompatible = IncompatibleFeature.DEVICE_TABLE.bit();
    tiny.extraDevices = 65_535;
    tiny.deviceTableSlot = 65_535;
    assertCorrupt("device slot", tiny::open);
  }

  @ParameterizedTest
  @ValueSource(longs = {384, 1L << 40, 1L << 56, Long.MAX_VALUE, -65, -1L << 40, Long.MIN_VALUE})
  void nidsOutsideTheImageAreRefused(long nid) throws IOException {
    ErofsImage image = new TinyImage(16).open();
    assertThatExceptionOfType(CorruptImageException.class).isThrownBy(() -> image.inode(nid));
  }

  @Test
  void nidsInTheMetaboxOfAnImageWithoutOneAreRefused() throws IOException {
    TinyImage tiny = new TinyImage(16);
    tiny.incompatible = IncompatibleFeature.METABOX.bit();
    ErofsImage image = tiny.open();
    assertCorrupt("nid in the metabox", () -> image.inode(1L << 63 | 5));
  }

  @Test
  void badInodesAreRefused() throws IOException {
    TinyImage tiny = new TinyImage(16);
    ErofsImage image = tiny.open();
    tiny.put(tiny.offset(4), 0x20);
    assertUnsupported("inode format", 0x20, () -> image.inode(4));
    tiny.put(tiny.offset(4), 5 << 1);
    assertUnsupported("inode data layout", 5, () -> image.inode(4));
    tiny.inode(4, compact(DataLayout.FLAT_PLAIN, 0, 0, 0));
    assertCorrupt("inode mode", () -> image.inode(4));
    tiny.inode(4, extended(DataLayout.FLAT_PLAIN, FILE, 0, -1, 0));
    assertCorrupt("inode size", () -> image.inode(4));
    tiny.inode(4, new ExtendedInode(1, 0, FILE, 0, 0, 0, 0, 0, 0, 0, 1_000_000_000, 1));
    assertCorrupt("inode nanoseconds", () -> image.inode(4));
    tiny.inode(4, extended(DataLayout.FLAT_PLAIN, SYMLINK, 0, 1L << 40, 10));
    assertCorrupt("symbolic link size", () -> image.inode(4));
    tiny.inode(4, compact(DataLayout.FLAT_PLAIN, SYMLINK, 3, 10)).put(10 * 512, 'a', 0, 'b');
    assertCorrupt("target", () -> image.readLink(image.inode(4)));
  }

  @Test
  void contentOutsideTheImageIsRefused() throws IOException {
    TinyImage tiny = new TinyImage(16);
    ErofsImage image = tiny.open();
    tiny.inode(4, compact(DataLayout.FLAT_PLAIN, FILE, 1025, 14));
    assertCorrupt("file content", () -> image.extent(image.inode(4), 0));
    tiny.inode(4, compact(DataLayout.FLAT_INLINE, FILE, 1500, -1));
    assertCorrupt("block address", () -> image.extent(image.inode(4), 0));
    tiny.inode(4, extended(DataLayout.FLAT_PLAIN, FILE, 0xffff, Long.MAX_VALUE, 0));
    assertCorrupt("file content", () -> image.extent(image.inode(4), 5));
    tiny.inode(14, compact(DataLayout.FLAT_INLINE, FILE, 33, 0));
    assertCorrupt("inline data", () -> image.extent(image.inode(14), 0));
    tiny.inode(14, compact(DataLayout.FLAT_INLINE, FILE, 512, 0));
    assertCorrupt("inline data", () -> image.extent(image.inode(14), 0));
  }

  @Test
  void badChunksAreRefused() throws IOException {
    TinyImage tiny = new TinyImage(16);
    tiny.incompatible = IncompatibleFeature.DEVICE_TABLE.bit();
    tiny.extraDevices = 2;
    tiny.device(0, new DeviceSlot("", 1, 0)).device(1, new DeviceSlot("", 1, 0));
    assertCorrupt("extra device 1", tiny::open);
    tiny.device(0, new DeviceSlot("", 1, 14)).device(1, new DeviceSlot("", 1, 15));
    ErofsImage image = tiny.open();
    tiny.inode(4, compact(DataLayout.CHUNK_BASED, FILE, 512, 0x80));
    assertUnsupported("chunk format", 0x80, () -> image.extent(image.inode(4), 0));
    tiny.inode(4, compact(DataLayout.CHUNK_BASED, FILE, 512, 0x20));
    new ChunkIndex(0, 3, 0).encode(tiny.memory, tiny.offset(5));
    assertCorrupt("device id", () -> image.extent(image.inode(4), 0));
    new ChunkIndex(0, 0, 16).encode(tiny.memory, tiny.offset(5));
    assertCorrupt("chunk", () -> image.extent(image.inode(4), 0));
    tiny.inode(4, extended(DataLayout.CHUNK_BASED, FILE, 0, Long.MAX_VALUE, 0x20));
    assertCorrupt("chunk map", () -> image.extent(image.inode(4), Long.MAX_VALUE - 1));
    tiny.inode(4, extended(DataLayout.CHUNK_BASED, FILE, 0, Long.MAX_VALUE, 0x3f));
    assertCorrupt("chunk", () -> image.extent(image.inode(4), 0));
    assertCorrupt("chunk", () -> image.extent(image.inode(4), Long.MAX_VALUE - 1));
  }

  @Test
  void badDirectoriesAreRefused() throws IOException {
    TinyImage tiny = new TinyImage(16);
    ErofsImage image = tiny.open();
    int start = TinyImage.ROOT_BLOCK * 512;
    for (int offset : new int[] {0, 11, 13, 516, 0xfffc}) {
      tiny.directory(TinyImage.ROOT_BLOCK, ".", 0, "..", 0);
      LittleEndian.putU16(tiny.memory, start + 8, offset);
      assertBadDirectory("first dirent's name offset", image);
    }
    for (int offset : new int[] {0, 23, 24, 0xffff}) {
      tiny.directory(TinyImage.ROOT_BLOCK, ".", 0, "..", 0);
      LittleEndian.putU16(tiny.memory, start + 20, offset);
      assertBadDirectory("dirent's name offset", image);
    }
    tiny.directory(TinyImage.ROOT_BLOCK, ".", 0, "x".repeat(256), 0);
    assertBadDirectory("length of a name", image);
    tiny.directory(TinyImage.ROOT_BLOCK, ".", 0, "x".repeat(256), 0, "y", 0);
    assertBadDirectory("length of a name", image);
    tiny.directory(TinyImage.ROOT_BLOCK, ".", 0, "", 0);
    assertBadDirectory("length of a name", image);
    tiny.directory(TinyImage.ROOT_BLOCK, ".", 0, "a/b", 0);
    assertBadDirectory("character of a name", image);
    tiny.directory(TinyImage.ROOT_BLOCK, ".", 0, "a\0b", 0, "c", 0);
    assertBadDirectory("character of a name", image);
    tiny.directory(TinyImage.ROOT_BLOCK, ".", 0, "b", 0, "a", 0);
    assertBadDirectory("order of names", image);
    tiny.directory(TinyImage.ROOT_BLOCK, ".", 0, ".", 0);
    assertBadDirectory("order of names", image);
  }

  private static void assertBadDirectory(String what, ErofsImage image) {
    assertCorrupt(what, () -> Trees.list(image, image.inode(0), 0));
  }

  @Test
  void directoriesLargerThanTheImageAreRefused() throws IOException {
    TinyImage tiny = new TinyImage(16);
    ErofsImage image = tiny.open();
    long huge = 1L << 60;
    tiny.inode(4, extended(DataLayout.FLAT_PLAIN, DIRECTORY, 0, huge, TinyImage.ROOT_BLOCK));
    assertCorrupt("file content", () -> Trees.list(image, image.inode(4), 0));
    assertCorrupt("file content", () -> image.lookup(image.inode(4), ListedFile.bytes("a")));
    tiny.inode(4, extended(DataLayout.FLAT_PLAIN, DIRECTORY, 0, huge, -1));
    assertCorrupt("directory content", () -> Trees.list(image, image.inode(4), 0));
    assertCorrupt("directory content", () -> image.lookup(image.inode(4), ListedFile.bytes("a")));
    tiny.inode(4, extended(DataLayout.FLAT_PLAIN, DIRECTORY, 0, 512 + 5, TinyImage.ROOT_BLOCK));
    assertCorrupt("directory block", () -> Trees.list(image, image.inode(4), 0));
  }
}
