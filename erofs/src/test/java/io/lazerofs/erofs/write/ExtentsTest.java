package io.lazerofs.erofs.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ExtentsTest {
  private static final int BLOCK_BITS = 12;
  private static final long LAST_BLOCK = 0xffff_ffffL;

  private static Extents extents(int[] lengths, Place... places) {
    Extents extents = new Extents(BLOCK_BITS);
    for (int i = 0; i < lengths.length; i++) {
      extents.add(lengths[i], places[i]);
    }
    return extents;
  }

  @Test
  void theSmallestAndTheLargestNumbersAreKept() {
    Extents extents =
        extents(
            new int[] {1, Extents.MAX_LENGTH, 4097},
            new Place(0, 1),
            new Place(LAST_BLOCK, Extents.MAX_BLOCKS),
            new Place(LAST_BLOCK, 0));
    extents.trim();
    assertThat(extents.count()).isEqualTo(3);
    assertThat(extents.length(0)).isEqualTo(1);
    assertThat(extents.firstBlock(0)).isZero();
    assertThat(extents.blocks(0)).isEqualTo(1);
    assertThat(extents.length(1)).isEqualTo(Extents.MAX_LENGTH);
    assertThat(extents.firstBlock(1)).isEqualTo(LAST_BLOCK);
    assertThat(extents.blocks(1)).isEqualTo(Extents.MAX_BLOCKS);
    assertThat(extents.isPlain(1)).isFalse();
    assertThat(extents.firstBlock(2)).isEqualTo(LAST_BLOCK);
    assertThat(extents.blocks(2)).isEqualTo(2);
    assertThat(extents.isPlain(2)).isTrue();
    assertThat(extents.blocks()).isEqualTo(3L + Extents.MAX_BLOCKS);
  }

  @ParameterizedTest
  @CsvSource({"0, 0, 1", "2097153, 0, 1", "1, 0, 2048", "1, 4294967296, 1", "1, -1, 1"})
  void whatAnIndexCannotExpressIsRefused(int length, long block, int blocks) {
    Extents extents = new Extents(BLOCK_BITS);
    assertThatThrownBy(() -> extents.add(length, new Place(block, blocks)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void extentsAreConsecutiveWhenEachBeginsWhereTheOneBeforeEnds() {
    int[] lengths = {5000, 70_000, 1};
    assertThat(extents(lengths, new Place(7, 0), new Place(9, 16), new Place(25, 1)))
        .matches(Extents::areConsecutive);
    assertThat(extents(lengths, new Place(7, 0), new Place(8, 16), new Place(24, 1)))
        .matches(extents -> !extents.areConsecutive());
    assertThat(extents(lengths, new Place(7, 0), new Place(9, 16), new Place(9, 1)))
        .matches(extents -> !extents.areConsecutive());
  }

  @Test
  void onlyWholeBlocksInARowAreFlat() {
    int[] lengths = {8192, 4096, 100};
    assertThat(extents(lengths, new Place(7, 0), new Place(9, 0), new Place(10, 0)))
        .matches(Extents::areFlat);
    assertThat(extents(lengths, new Place(7, 0), new Place(9, 0), new Place(11, 0)))
        .as("a gap")
        .matches(extents -> !extents.areFlat());
    assertThat(extents(lengths, new Place(7, 1), new Place(8, 0), new Place(9, 0)))
        .as("a pcluster")
        .matches(extents -> !extents.areFlat());
    assertThat(extents(new int[] {100, 4096}, new Place(7, 0), new Place(8, 0)))
        .as("room in a block before the last")
        .matches(extents -> !extents.areFlat());
  }
}
