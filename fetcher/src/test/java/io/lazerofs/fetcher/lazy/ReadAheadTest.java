package io.lazerofs.fetcher.lazy;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ReadAheadTest {
  private static final int UNIT = 4096;
  private final ReadAhead readAhead =
      new ReadAhead(100 * UNIT - 5, new FetchPolicy(UNIT, 8 * UNIT, 8 * UNIT, 8 * UNIT));

  @Test
  void randomMissesFetchNothingAhead() {
    for (long unit : new long[] {10, 50, 7, 5, 8, 4}) {
      assertThat(miss(unit).isEmpty()).as("unit %d", unit).isTrue();
    }
  }

  @Test
  void doublesWhileReadingIsSequentialUpToTheLimit() {
    assertThat(miss(0).isEmpty()).isTrue();
    assertThat(miss(1)).isEqualTo(units(2, 4));
    assertThat(hit(2)).isEqualTo(units(4, 8));
    assertThat(hit(3).isEmpty()).isTrue();
    assertThat(miss(4)).isEqualTo(units(8, 16));
    assertThat(hit(8)).isEqualTo(units(16, 24));
  }

  @Test
  void stopsWhenReadingGoesElsewhere() {
    miss(0);
    miss(1);
    assertThat(miss(70).isEmpty()).isTrue();
    assertThat(hit(2).isEmpty()).isTrue();
  }

  @Test
  void aRepeatedMissIsNoStep() {
    miss(0);
    assertThat(miss(0).isEmpty()).isTrue();
    assertThat(miss(1)).isEqualTo(units(2, 4));
    assertThat(miss(1).isEmpty()).isTrue();
    assertThat(hit(2)).isEqualTo(units(4, 8));
  }

  @Test
  void endsWithTheBlob() {
    miss(97);
    assertThat(miss(98)).isEqualTo(new ByteRange(99 * UNIT, 100 * UNIT - 5));
    assertThat(readAhead.onHit(99 * UNIT, 100 * UNIT - 5).isEmpty()).isTrue();
  }

  @Test
  void isOffWhenThePolicySaysSo() {
    ReadAhead off = new ReadAhead(100 * UNIT, new FetchPolicy(UNIT, UNIT, 0, UNIT));
    for (long at = 0; at < 10 * UNIT; at += UNIT) {
      assertThat(off.onMiss(at, at + UNIT).isEmpty()).isTrue();
    }
  }

  private ByteRange miss(long unit) {
    return readAhead.onMiss(unit * UNIT + 3, (unit + 1) * UNIT - 3);
  }

  private ByteRange hit(long unit) {
    return readAhead.onHit(unit * UNIT + 3, (unit + 1) * UNIT - 3);
  }

  private static ByteRange units(long first, long end) {
    return new ByteRange(first * UNIT, end * UNIT);
  }
}
