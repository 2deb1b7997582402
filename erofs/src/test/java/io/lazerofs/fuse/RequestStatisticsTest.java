package io.lazerofs.fuse;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazerofs.fuse.RequestStatistics.Latency;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestStatisticsTest {
  private final AtomicLong now = new AtomicLong(1_000_000);
  private final RequestStatistics statistics = new RequestStatistics(now::get);

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "1, 0",
    "1000, 0",
    "1001, 1",
    "2000, 1",
    "2001, 2",
    "4000, 2",
    "1024000, 10",
    "1024001, 11",
    "67108864000, 26",
    "67108864001, 27",
    "9223372036854774807, 27"
  })
  void aTimeIsInTheFirstBucketWhoseBoundIsNotBelowIt(long nanos, int bucket) {
    assertThat(LatencyHistogram.bucket(nanos)).isEqualTo(bucket);
  }

  @Test
  void boundsDoubleFromAMicrosecondOn() {
    assertThat(Latency.boundsNanos()).hasSize(27).startsWith(1000, 2000, 4000);
  }

  @Test
  void readsAreCountedByWhetherTheyWaited() {
    long asked = statistics.nanoTime();
    now.addAndGet(1500);
    statistics.hit(asked, 4096);
    now.addAndGet(2_000_000);
    statistics.miss(asked, 100);

    RequestStatistics.Snapshot taken = statistics.snapshot();

    assertThat(taken.hits().count()).isEqualTo(1);
    assertThat(taken.hits().counts()[1]).isEqualTo(1);
    assertThat(taken.hits().nanos()).isEqualTo(1500);
    assertThat(taken.hitBytes()).isEqualTo(4096);
    assertThat(taken.misses().count()).isEqualTo(1);
    assertThat(taken.misses().nanos()).isEqualTo(2_001_500);
    assertThat(taken.missBytes()).isEqualTo(100);
    assertThat(taken.errors()).isZero();
  }

  @Test
  void errorsOfReadsAreCountedByErrnoAndOfOthersOnlyWhenSomethingIsBroken() {
    statistics.failed(true, Errno.EIO);
    statistics.failed(true, Errno.EIO);
    statistics.failed(true, Errno.EINVAL);
    statistics.failed(false, Errno.EIO);
    statistics.failed(false, Errno.ENODATA);

    RequestStatistics.Snapshot taken = statistics.snapshot();

    assertThat(taken.readErrors()).isEqualTo(Map.of("EIO", 2L, "EINVAL", 1L));
    assertThat(taken.errors()).isEqualTo(3);
    assertThat(taken.metadataErrors()).isEqualTo(1);
  }
}
