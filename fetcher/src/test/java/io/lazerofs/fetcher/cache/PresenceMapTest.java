package io.lazerofs.fetcher.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PresenceMapTest {

  @ParameterizedTest(name = "{0} blocks")
  @ValueSource(ints = {1, 63, 64, 65, 4032, 4033, 20_000})
  void answersAsABitSetDoes(int blocks) {
    long seed = 0x5eedL + blocks;
    Random random = new Random(seed);
    PresenceMap map = new PresenceMap(blocks);
    BitSet oracle = new BitSet();
    for (int round = 0; round < 500; round++) {
      int first = random.nextInt(blocks);
      int end = first + 1 + random.nextInt(Math.min(blocks - first, 300));
      if (random.nextInt(3) == 0) {
        map.mark(first, end);
        oracle.set(first, end);
      }
      String at = "seed " + seed + ", round " + round + ", [" + first + ", " + end + ")";
      int absent = oracle.nextClearBit(first);
      int present = oracle.nextSetBit(first);
      int lastAbsent = oracle.previousClearBit(end - 1);
      assertThat(map.nextAbsent(first, end)).as(at).isEqualTo(Math.min(end, absent));
      assertThat(map.nextPresent(first, end))
          .as(at)
          .isEqualTo(present < 0 ? end : Math.min(end, present));
      assertThat(map.isPresent(first, end)).as(at).isEqualTo(absent >= end);
      assertThat(map.endOfAbsent(first, end)).as(at).isEqualTo(Math.max(first, lastAbsent + 1));
      assertThat(map.presentBlocks()).as(at).isEqualTo(oracle.cardinality());
    }
    map.mark(0, blocks);
    assertThat(map.isComplete()).isTrue();
    map.clear();
    assertThat(map.presentBlocks()).isZero();
    assertThat(map.nextPresent(0, blocks)).isEqualTo(blocks);
  }
}
