package io.lazerofs.erofs.write;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazerofs.erofs.disk.DataLayout;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SlotAllocatorTest {
  private static final long SEED = 20_261_122L;
  private static final long START = 64;

  private static Shape shape(boolean extended, int xattrs, int map, int tail, boolean tailAlone) {
    return new Shape(extended, DataLayout.FLAT_INLINE, tail, xattrs, 0, map, tail, tailAlone);
  }

  @ParameterizedTest
  @ValueSource(ints = {512, 4096, 65_536})
  void noInodeOverlapsAnotherAndNothingBreaksThatMustNot(int block) {
    System.out.println("seed " + SEED);
    Random random = new Random(SEED);
    SlotAllocator slots = new SlotAllocator(block, START);
    TreeMap<Long, Long> ends = new TreeMap<>(Map.of(0L, START));
    long used = 0;
    for (int i = 0; i < 5000; i++) {
      boolean tailAlone = random.nextBoolean();
      int largestTail = tailAlone ? Tail.max(block) : block / 2 - 64;
      int xattrs = tailAlone && random.nextInt(4) == 0 ? 12 + 4 * random.nextInt(30) : 0;
      int map = tailAlone && random.nextInt(4) == 0 ? 4 * random.nextInt(3000) : 0;
      int tail = random.nextInt(4) == 0 ? 0 : 1 + random.nextInt(largestTail);
      Shape shape = shape(random.nextBoolean(), xattrs, map, tail, tailAlone);
      long at = slots.place(shape);
      assertThat(at % Layout.SLOT).isZero();
      assertThat((at + shape.unbrokenStart()) / block)
          .isEqualTo((at + shape.unbrokenEnd() - 1) / block);
      assertThat(ends.floorEntry(at).getValue()).isLessThanOrEqualTo(at);
      assertThat(ends.ceilingKey(at))
          .satisfiesAnyOf(
              next -> assertThat(next).isNull(),
              next -> assertThat(next).isGreaterThanOrEqualTo(at + shape.total()));
      ends.put(at, at + shape.total());
      used += shape.total();
    }
    assertThat(ends.lastEntry().getValue()).isLessThan(used * 5 / 4);
  }

  @Test
  void aSmallInodeFillsWhatALargerOneHasLeftFree() {
    SlotAllocator slots = new SlotAllocator(4096, START);
    assertThat(slots.place(shape(false, 0, 0, 3000, true))).isEqualTo(64);
    assertThat(slots.place(shape(false, 0, 0, 4000, true))).isEqualTo(4096 - 32);
    assertThat(slots.place(shape(false, 0, 0, 0, true))).isEqualTo(3104);
    assertThat(slots.place(shape(false, 0, 0, 4000, true))).isEqualTo(8192 - 32);
  }
}
