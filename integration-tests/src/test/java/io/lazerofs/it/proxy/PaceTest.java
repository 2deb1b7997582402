package io.lazerofs.it.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class PaceTest {
  private static final long SECOND = 1_000_000_000;

  @Test
  void runsOfBytesTakeTheirTurnsOneAfterTheOther() {
    var pace = new Pace(1000);
    assertThat(pace.reserve(500, 0)).isEqualTo(SECOND / 2);
    assertThat(pace.reserve(500, 0)).isEqualTo(SECOND);
    assertThat(pace.reserve(1000, SECOND / 2)).isEqualTo(SECOND / 2 + SECOND);
  }

  @Test
  void anIdleLineSavesNothingForLater() {
    var pace = new Pace(1000);
    assertThat(pace.reserve(1000, 0)).isEqualTo(SECOND);
    assertThat(pace.reserve(1000, 10 * SECOND)).isEqualTo(SECOND);
  }

  @Test
  void theClockMayBeNegativeAndWrap() {
    var pace = new Pace(1000);
    assertThat(pace.reserve(1000, Long.MAX_VALUE)).isEqualTo(SECOND);
    assertThat(pace.reserve(1000, Long.MAX_VALUE + SECOND)).isEqualTo(SECOND);
  }

  @Test
  void aLineWithoutALimitNeverWaits() {
    assertThat(new Pace(Long.MAX_VALUE).reserve(Integer.MAX_VALUE, 7)).isZero();
  }
}
