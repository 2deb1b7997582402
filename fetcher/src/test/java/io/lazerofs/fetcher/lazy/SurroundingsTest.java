package io.lazerofs.fetcher.lazy;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SurroundingsTest {
  private static final int KIB = 1 << 10;
  private static final long END = 10_000 * KIB;

  private final Surroundings surroundings = new Surroundings(END);

  @Test
  void thereAreNoneBeforeAContainerStarts() {
    assertThat(surroundings.of(new ByteRange(0, 4 * KIB)).isEmpty()).isTrue();
  }

  @Test
  void aMissHasHalfAMebibyteAroundItAndOneOverABorderHasTwice() {
    surroundings.begin();
    assertThat(surroundings.of(new ByteRange(700 * KIB, 704 * KIB)))
        .isEqualTo(new ByteRange(512 * KIB, 1024 * KIB));
    assertThat(surroundings.of(new ByteRange(1000 * KIB, 1100 * KIB)))
        .isEqualTo(new ByteRange(512 * KIB, 1536 * KIB));
  }

  @Test
  void theyEndWithTheDataAndTheHashTreeHasNone() {
    surroundings.begin();
    assertThat(surroundings.of(new ByteRange(END - 4 * KIB, END)))
        .isEqualTo(new ByteRange(9728 * KIB, END));
    assertThat(surroundings.of(new ByteRange(END, END + 4 * KIB)).isEmpty()).isTrue();
  }

  @Test
  void theyEndWithTheFirstMissesAndBeginAgainWithTheNextStart() {
    surroundings.begin();
    for (int i = 0; i < Surroundings.MISSES; i++) {
      assertThat(surroundings.of(new ByteRange(0, 4 * KIB)).isEmpty()).isFalse();
    }
    assertThat(surroundings.of(new ByteRange(0, 4 * KIB)).isEmpty()).isTrue();
    surroundings.begin();
    assertThat(surroundings.of(new ByteRange(0, 4 * KIB)).isEmpty()).isFalse();
  }
}
