package io.lazerofs.fetcher.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazerofs.fetcher.http.ManualClock;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HostHealthTest {
  private final ManualClock clock = new ManualClock();
  private final HostHealth health = new HostHealth("mirror.example", clock);

  private void fail() {
    health.failed("status 503", Optional.empty());
  }

  @Test
  void aHostThatFailedIsLeftOutForTenSecondsAndThenOneCallerProbesIt() {
    assertThat(health.mayTry()).isTrue();
    fail();
    assertThat(health.mayTry()).isFalse();
    clock.advance(Duration.ofSeconds(10));
    assertThat(health.mayTry()).isTrue();
    assertThat(health.mayTry()).as("others wait for the word of the first").isFalse();
    assertThat(health.problem()).contains("status 503");

    health.succeeded();
    assertThat(health.mayTry()).isTrue();
    assertThat(health.problem()).isEmpty();
  }

  @Test
  void eachFailedProbeDoublesTheRestUpToFiveMinutes() {
    fail();
    long[] seconds = {10, 20, 40, 80, 160, 300, 300};
    for (long rest : seconds) {
      clock.advance(Duration.ofSeconds(rest).minusMillis(1));
      assertThat(health.mayTry()).as("before %d s", rest).isFalse();
      clock.advance(Duration.ofMillis(1));
      assertThat(health.mayTry()).as("after %d s", rest).isTrue();
      fail();
    }
  }

  @Test
  void failuresOfRequestsThatWereUnderWayCountAsOne() {
    for (int i = 0; i < 50; i++) {
      fail();
    }
    clock.advance(Duration.ofSeconds(10));
    assertThat(health.mayTry()).isTrue();
  }

  @Test
  void aSuccessMakesTheNextRestShortAgain() {
    fail();
    clock.advance(Duration.ofSeconds(10));
    assertThat(health.mayTry()).isTrue();
    fail();
    health.succeeded();
    fail();
    clock.advance(Duration.ofSeconds(10));
    assertThat(health.mayTry()).isTrue();
  }

  @Test
  void aHostThatAskedToBeLeftAloneIs() {
    health.failed("status 429", Optional.of(Duration.ofSeconds(30)));
    assertThat(health.notBefore()).contains(clock.instant().plusSeconds(30));
    health.succeeded();
    assertThat(health.mayTry()).isFalse();
    clock.advance(Duration.ofSeconds(30));
    assertThat(health.mayTry()).isTrue();
    assertThat(health.notBefore()).isEmpty();
  }
}
