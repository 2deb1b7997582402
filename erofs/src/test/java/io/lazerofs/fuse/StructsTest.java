package io.lazerofs.fuse;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

/** Sizes and fields against include/uapi/linux/fuse.h. */
class StructsTest {
  private static final Attributes ATTRIBUTES =
      new Attributes(11, 22, 33, -44, 55, 0100644, 66, 77, 88, 99, 4096);

  private final MemorySegment memory = Arena.ofAuto().allocate(512).fill((byte) 0xff);

  private long u64(long at) {
    return memory.get(ValueLayout.JAVA_LONG_UNALIGNED, at);
  }

  private int u32(long at) {
    return memory.get(ValueLayout.JAVA_INT_UNALIGNED, at);
  }

  @Test
  void attributesTakeEightyEightBytes() {
    assertThat(Structs.attr(memory, 0, ATTRIBUTES)).isEqualTo(88);
    assertThat(new long[] {u64(0), u64(8), u64(16), u64(24), u64(32), u64(40)})
        .containsExactly(11, 22, 33, -44, -44, -44);
    assertThat(
            new int[] {
              u32(48), u32(52), u32(56), u32(60), u32(64), u32(68), u32(72), u32(76), u32(80),
              u32(84)
            })
        .containsExactly(55, 55, 55, 0100644, 66, 77, 88, 99, 4096, 0);
  }

  @Test
  void attributeReplyTakesAHundredAndFourBytes() {
    assertThat(Structs.attrOut(memory, 0, ATTRIBUTES, 5)).isEqualTo(104);
    assertThat(u64(0)).isEqualTo(5);
    assertThat(u64(16)).isEqualTo(11);
  }

  @Test
  void entryTakesAHundredAndTwentyEightBytes() {
    assertThat(Structs.entryOut(memory, 0, new Entry(7, ATTRIBUTES), 8, 9, 10)).isEqualTo(128);
    assertThat(new long[] {u64(0), u64(8), u64(16), u64(24), u64(32), u64(40)})
        .containsExactly(7, 8, 9, 10, 0, 11);
  }

  @Test
  void missingEntryHasNoNode() {
    assertThat(Structs.noEntry(memory, 0, 9)).isEqualTo(128);
    assertThat(u64(0)).isZero();
    assertThat(u64(16)).isEqualTo(9);
  }

  @Test
  void directoryEntryIsPaddedToEightBytes() {
    MemorySegment name = MemorySegment.ofArray("abc".getBytes(US_ASCII));
    assertThat(Structs.dirent(memory, 0, name, 1, 8, 3))
        .isEqualTo(32)
        .isEqualTo(Structs.direntSize(3));
    assertThat(new long[] {u64(0), u64(8)}).containsExactly(1, 3);
    assertThat(new int[] {u32(16), u32(20)}).containsExactly(3, 8);
    assertThat(u64(24)).isEqualTo(0x636261);
    assertThat(Structs.direntSize(8)).isEqualTo(32);
    assertThat(Structs.direntSize(9)).isEqualTo(40);
  }

  @Test
  void statisticsTakeEightyBytes() {
    assertThat(Structs.statfsOut(memory, 0, new Statistics(512, 1000, 20, 255))).isEqualTo(80);
    assertThat(new long[] {u64(0), u64(8), u64(16), u64(24), u64(32)})
        .containsExactly(1000, 0, 0, 20, 0);
    assertThat(new int[] {u32(40), u32(44), u32(48)}).containsExactly(512, 255, 512);
  }

  @Test
  void initReplyTakesSixtyFourBytesAndSplitsTheFeatures() {
    SessionState state = new SessionState(40, 131072, 1L << 39 | 1L << 22 | 1, 256);
    assertThat(Structs.initOut(memory, 0, state)).isEqualTo(64);
    assertThat(new int[] {u32(0), u32(4), u32(8), u32(12), u32(32)})
        .containsExactly(7, 40, 131072, 1 << 22 | 1, 1 << 7);
    assertThat(u32(28)).isEqualTo(256);
  }
}
