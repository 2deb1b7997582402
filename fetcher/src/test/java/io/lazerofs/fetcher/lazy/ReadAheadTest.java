package io.lazerofs.fetcher.lazy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ReadAheadTest {
  private static final int UNIT = 4096;
  private final ReadAhead readAhead =
      new ReadAhead(100 * UNIT - 5, new FetchPolicy(UNIT, 8 * UNIT, 8 * UNIT, 8 * UNIT));

  @Test
  void randomMissesFetchNothingAhead() {
    for (long unit : new long[] {10, 50, 7, 5, 13, 3}) {
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
  void missesElsewhereFetchNothingAheadAndDoNotEndARun() {
    miss(0);
    miss(1);
    assertThat(miss(70).isEmpty()).isTrue();
    assertThat(miss(40).isEmpty()).isTrue();
    assertThat(hit(2)).isEqualTo(units(4, 8));
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
  void goesOnAfterAJumpForwardWithinTheWindow() {
    miss(0);
    miss(1);
    assertThat(hit(2)).isEqualTo(units(4, 8));
    assertThat(hit(4)).isEqualTo(units(8, 16));
    assertThat(miss(12)).isEqualTo(units(16, 24));
    assertThat(hit(16)).isEqualTo(units(24, 32));
  }

  @Test
  void staysAheadOfReadsThatAreLongerThanWhatIsAhead() {
    readAhead.onMiss(0, 8 * UNIT);
    assertThat(readAhead.onMiss(8 * UNIT, 16 * UNIT)).isEqualTo(units(16, 18));
    assertThat(readAhead.onMiss(16 * UNIT, 24 * UNIT)).isEqualTo(units(24, 28));
  }

  @Test
  void readsThatComeBeforeTheirPredecessorsAreInOrder() {
    miss(0);
    miss(1);
    assertThat(hit(3)).isEqualTo(units(4, 8));
    assertThat(hit(2).isEmpty()).isTrue();
    assertThat(miss(5)).isEqualTo(units(8, 16));
    assertThat(miss(4).isEmpty()).isTrue();
  }

  @Test
  void readsNowhereNearARunDoNotMakeItGoOn() {
    miss(0);
    miss(1);
    assertThat(hit(2)).isEqualTo(units(4, 8));
    assertThat(hit(4)).isEqualTo(units(8, 16));
    assertThat(hit(14).isEmpty()).isTrue();
    assertThat(hit(8)).isEqualTo(units(16, 24));
  }

  @Test
  void aReaderThatIsNeverWaitedForHasNoMoreAheadThanALongRequest() {
    ReadAhead patient =
        new ReadAhead(1000 * UNIT, new FetchPolicy(UNIT, 8 * UNIT, 64 * UNIT, 8 * UNIT));
    patient.onMiss(0, UNIT);
    ByteRange ahead = patient.onMiss(UNIT, 2 * UNIT);
    for (int step = 0; step < 6; step++) {
      ahead = patient.onHit(ahead.start(), ahead.end());
    }
    assertThat(ahead.length()).isEqualTo(8 * UNIT);
    for (int step = 0; step < 6; step++) {
      ahead = patient.onMiss(ahead.start(), ahead.start() + UNIT);
    }
    assertThat(ahead.length()).isEqualTo(64 * UNIT);
  }

  /** A cache without a network: what is asked for is present at once, or one read later. */
  private static final class Cache {
    private final ReadAhead readAhead;
    private final BitSet present = new BitSet();
    private final List<ByteRange> late = new ArrayList<>();
    private final Random random;
    private final long size;
    private long misses;

    Cache(long size, FetchPolicy policy, Random random) {
      this.size = size;
      this.random = random;
      this.readAhead = new ReadAhead(size, policy);
    }

    void read(long start, long end) {
      int first = (int) (start / UNIT);
      int last = (int) ((end - 1) / UNIT);
      boolean hit = present.nextClearBit(first) > last;
      misses += hit ? 0 : 1;
      ByteRange ahead = hit ? readAhead.onHit(start, end) : readAhead.onMiss(start, end);
      present.set(first, last + 1);
      assertThat(ahead.isEmpty() || ahead.end() <= size).isTrue();
      late.forEach(this::arrive);
      late.clear();
      if (random.nextBoolean()) {
        arrive(ahead);
      } else {
        late.add(ahead);
      }
    }

    private void arrive(ByteRange ahead) {
      present.set((int) (ahead.start() / UNIT), (int) ((ahead.end() + UNIT - 1) / UNIT));
    }
  }

  @Test
  void followsInterleavedReadersAndWastesNoMoreThanWasAheadOfEach() {
    long seed = 0x5EA;
    FetchPolicy policy = new FetchPolicy(UNIT, 8 * UNIT, 32 * UNIT, 32 * UNIT);
    for (int round = 0; round < 200; round++) {
      Random random = new Random(seed + round);
      int readers = 1 + random.nextInt(ReadAhead.RUNS);
      int apart = 1000;
      Cache cache = new Cache((long) readers * apart * UNIT, policy, random);
      int[] read = new int[readers];
      int[] goal = new int[readers];
      for (int reader = 0; reader < readers; reader++) {
        goal[reader] = 1 + random.nextInt(700);
      }
      for (int left = readers; left > 0; ) {
        int reader = random.nextInt(readers);
        if (read[reader] < goal[reader]) {
          long at = ((long) reader * apart + read[reader]) * UNIT;
          cache.read(at, at + UNIT);
          left -= ++read[reader] == goal[reader] ? 1 : 0;
        }
      }
      for (int reader = 0; reader < readers; reader++) {
        int first = reader * apart;
        int fetched = cache.present.get(first, first + apart).cardinality();
        assertThat(fetched)
            .as("seed %d: reader %d read %d units", seed + round, reader, goal[reader])
            .isLessThanOrEqualTo(Math.min(3 * goal[reader] + 2, goal[reader] + 64));
      }
      assertThat(cache.misses)
          .as("seed %d: misses of %d readers", seed + round, readers)
          .isLessThan(60L * readers);
    }
  }

  @Test
  void randomReadsFetchLittleAhead() {
    long seed = 0xA11;
    Random random = new Random(seed);
    int units = 100_000;
    FetchPolicy policy = new FetchPolicy(UNIT, 32 * UNIT, 128 * UNIT, 128 * UNIT);
    Cache cache = new Cache((long) units * UNIT, policy, random);
    for (int unit = 0; unit < 1000; unit++) {
      cache.read((long) unit * UNIT, (unit + 1L) * UNIT);
    }
    int before = cache.present.cardinality();
    int reads = 2000;
    for (int i = 0; i < reads; i++) {
      long at = (long) random.nextInt(units) * UNIT;
      cache.read(at, at + UNIT);
    }
    assertThat(cache.present.cardinality() - before)
        .as("seed %d", seed)
        .isLessThan(reads + reads / 2);
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
