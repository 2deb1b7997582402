package io.lazerofs.erofs.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.lang.foreign.MemorySegment;
import java.util.Random;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Records have the sizes of the format, and what they encode they decode. */
class RecordsTest {

  /** A record with its size on disk, at an odd place of a buffer full of ones. */
  record Case<T>(
      T value, int size, BiConsumer<T, MemorySegment> encode, Function<MemorySegment, T> decode) {
    @Override
    public String toString() {
      return value.toString();
    }
  }

  private static final CompactInode COMPACT =
      new CompactInode(
          0x1a, 0xfffe, 0x81a4, 0xfffd, 0xffff_fff1L, 0xffff_fff2L, -3, -4, 0xfff5, 0xfff6);
  private static final ExtendedInode EXTENDED =
      new ExtendedInode(
          9, 0xfffe, 0x41ed, 0xfffd, 1L << 62, -3, -4, -5, -6, -7L, 999_999_999, 0x8000_0000);
  private static final Dirent DIRENT = new Dirent(0x0123_4567_89ab_cdefL, 0xffff, 7);
  private static final ChunkIndex CHUNK = new ChunkIndex(0xfffe, 0xfffd, 0xffff_fffcL);
  private static final DeviceSlot SLOT =
      new DeviceSlot("x".repeat(64), 0xffff_ffff_fffeL, 0x1234_5678_9abcL);
  private static final XattrHeader HEADER = new XattrHeader(0xdead_beef, 255);
  private static final XattrEntry ENTRY = new XattrEntry(255, 0x86, 0xffff);

  static Stream<Case<?>> records() {
    return Stream.of(
        new Case<>(COMPACT, 32, (r, m) -> r.encode(m, 3), m -> CompactInode.decode(m, 3)),
        new Case<>(EXTENDED, 64, (r, m) -> r.encode(m, 3), m -> ExtendedInode.decode(m, 3)),
        new Case<>(DIRENT, 12, (r, m) -> r.encode(m, 3), m -> Dirent.decode(m, 3)),
        new Case<>(CHUNK, 8, (r, m) -> r.encode(m, 3), m -> ChunkIndex.decode(m, 3)),
        new Case<>(SLOT, 128, (r, m) -> r.encode(m, 3), m -> DeviceSlot.decode(m, 3, true)),
        new Case<>(HEADER, 12, (r, m) -> r.encode(m, 3), m -> XattrHeader.decode(m, 3)),
        new Case<>(ENTRY, 4, (r, m) -> r.encode(m, 3), m -> XattrEntry.decode(m, 3)),
        new Case<>(superblock(0x80), 144, (r, m) -> r.encode(m, 3), m -> Superblock.decode(m, 3)),
        new Case<>(superblock(0), 144, (r, m) -> r.encode(m, 3), m -> Superblock.decode(m, 3)));
  }

  private static Superblock superblock(int wide) {
    return new Superblock(
        0x1234_5678,
        7,
        12,
        1,
        wide == 0 ? 0xfffe : 1L << 40,
        3,
        -4,
        5,
        wide == 0 ? 0xffff_fffeL : 1L << 47,
        7,
        8,
        new UUID(0x0123_4567_89ab_cdefL, 0xfedc_ba98_7654_3210L),
        "0123456789abcdé",
        0x100 | wide,
        9,
        10,
        11,
        12,
        13,
        14,
        15,
        16,
        17,
        18,
        19);
  }

  @ParameterizedTest
  @MethodSource("records")
  <T> void decodesWhatItEncodesAndTouchesNothingElse(Case<T> test) {
    byte[] bytes = new byte[test.size() + 16];
    MemorySegment memory = MemorySegment.ofArray(bytes).fill((byte) 0xff);
    test.encode().accept(test.value(), memory);
    assertThat(test.decode().apply(memory)).isEqualTo(test.value());
    assertThat(memory.asSlice(0, 3).mismatch(MemorySegment.ofArray(new byte[] {-1, -1, -1})))
        .isEqualTo(-1);
    for (int i = 3 + test.size(); i < bytes.length; i++) {
      assertThat(bytes[i]).as("byte %d", i).isEqualTo((byte) 0xff);
    }
  }

  @ParameterizedTest
  @MethodSource("records")
  <T> void memoryThatIsTooShortIsRefused(Case<T> test) {
    MemorySegment memory = MemorySegment.ofArray(new byte[3 + test.size() / 4]);
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> test.decode().apply(memory));
  }

  @Test
  void sizesAreThoseOfTheFormat() {
    assertThat(Superblock.SIZE).isEqualTo(128);
    assertThat(superblock(0).size()).isEqualTo(144);
    assertThat(CompactInode.SIZE).isEqualTo(32);
    assertThat(ExtendedInode.SIZE).isEqualTo(64);
    assertThat(Dirent.SIZE).isEqualTo(12);
    assertThat(ChunkIndex.SIZE).isEqualTo(8);
    assertThat(ChunkFormat.BLOCK_MAP_ENTRY_SIZE).isEqualTo(4);
    assertThat(DeviceSlot.SIZE).isEqualTo(128);
    assertThat(XattrHeader.SIZE).isEqualTo(12);
    assertThat(XattrEntry.SIZE).isEqualTo(4);
  }

  @Test
  void valuesThatDoNotFitAreRefused() {
    MemorySegment memory = MemorySegment.ofArray(new byte[256]);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Dirent(0, 0x10000, 1).encode(memory, 0));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ChunkIndex(0, 0, 1L << 32).encode(memory, 0));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new XattrEntry(256, 0, 0).encode(memory, 0));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new DeviceSlot("x".repeat(65), 0, 0).encode(memory, 0));
  }

  @Test
  void xattrBodiesHaveSizesThatCountsStandFor() {
    assertThat(XattrHeader.bodySize(0)).isZero();
    assertThat(XattrHeader.bodySize(1)).isEqualTo(12);
    assertThat(XattrHeader.bodySize(0xffff)).isEqualTo(12 + 4 * 0xfffe);
    for (int count : new int[] {0, 1, 2, 0xffff}) {
      assertThat(XattrHeader.count(XattrHeader.bodySize(count))).isEqualTo(count);
    }
    assertThatIllegalArgumentException().isThrownBy(() -> XattrHeader.count(13));
    assertThatIllegalArgumentException().isThrownBy(() -> XattrHeader.count(4));
    assertThatIllegalArgumentException().isThrownBy(() -> XattrHeader.count(12 + 4 * 0xffff));
    assertThat(new XattrEntry(1, 1, 1).paddedSize()).isEqualTo(8);
    assertThat(new XattrEntry(2, 1, 2).paddedSize()).isEqualTo(8);
    assertThat(new XattrEntry(2, 1, 3).paddedSize()).isEqualTo(12);
  }

  @Test
  void wordsOfBitsKeepEveryBit() {
    for (DataLayout layout : DataLayout.values()) {
      for (boolean flag : new boolean[] {false, true}) {
        int format = InodeFormat.of(flag, layout, flag);
        assertThat(DataLayout.ofCode(InodeFormat.layoutCode(format))).hasValue(layout);
        assertThat(InodeFormat.unknown(format)).isZero();
      }
    }
    assertThat(InodeFormat.of(true, DataLayout.CHUNK_BASED, true)).isEqualTo(0x19);
    assertThat(DataLayout.ofCode(5)).isEmpty();
    assertThat(InodeFormat.unknown(0xffff)).isEqualTo(0xffe0);
    ChunkFormat chunks = new ChunkFormat(31, true, true);
    assertThat(chunks.encode()).isEqualTo(0x7f);
    assertThat(ChunkFormat.decode(0x7f)).isEqualTo(chunks);
    assertThat(ChunkFormat.unknown(0x18000)).isEqualTo(0x18000);
    assertThat(IncompatibleFeature.unknown(0x8000_01ff)).isEqualTo(0x8000_0000);
  }

  @Test
  void fileTypesFollowModesAndCodes() {
    for (FileType type : FileType.values()) {
      assertThat(FileType.ofCode(type.code())).isEqualTo(type);
      assertThat(FileType.ofMode(type.dirent() << 12 | 0755)).isEqualTo(type);
    }
    assertThat(FileType.ofCode(8)).isEqualTo(FileType.UNKNOWN);
    assertThat(FileType.ofMode(0xf000)).isEqualTo(FileType.UNKNOWN);
  }

  @Test
  void anyBytesOfASuperblockDecode() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    byte[] bytes = new byte[144];
    for (int i = 0; i < 1000; i++) {
      random.nextBytes(bytes);
      Superblock superblock = Superblock.decode(MemorySegment.ofArray(bytes), 0);
      assertThat(superblock.blocks()).as("seed %d", seed).isNotNegative();
    }
  }
}
