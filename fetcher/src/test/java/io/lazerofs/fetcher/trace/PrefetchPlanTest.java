package io.lazerofs.fetcher.trace;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazerofs.fetcher.trace.PrefetchPlan.Step;
import io.lazerofs.source.Digest;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

class PrefetchPlanTest {
  private static final int BLOCK = 4096;
  private static final Digest A = Digest.of(new byte[] {'a'});
  private static final Digest B = Digest.of(new byte[] {'b'});

  /** A trace of blocks: layer, first block, number of blocks. */
  private static Trace trace(int[]... blocks) {
    List<Trace.Range> ranges = new ArrayList<>();
    for (int[] range : blocks) {
      ranges.add(new Trace.Range(range[0], (long) range[1] * BLOCK, (long) range[2] * BLOCK));
    }
    return new Trace(A, List.of(A, B), ranges);
  }

  private static Step step(Digest layer, int first, int count) {
    return new Step(layer, (long) first * BLOCK, (long) count * BLOCK);
  }

  @Test
  void stepsAreInTheOrderOfTimeAcrossLayers() {
    assertThat(
            PrefetchPlan.of(
                trace(new int[] {1, 50, 2}, new int[] {0, 9, 1}, new int[] {1, 0, 1}), 1 << 30))
        .containsExactly(step(B, 50, 2), step(A, 9, 1), step(B, 0, 1));
  }

  @Test
  void neighboursAndOverlappingRangesOfOneWindowAreOneStep() {
    assertThat(
            PrefetchPlan.of(
                trace(
                    new int[] {0, 4, 2},
                    new int[] {1, 7, 1},
                    new int[] {0, 6, 1},
                    new int[] {0, 3, 3}),
                1 << 30))
        .containsExactly(step(A, 3, 4), step(B, 7, 1));
  }

  @Test
  void smallGapsAreFetchedAlongAndLargeOnesAreNot() {
    assertThat(
            PrefetchPlan.of(
                trace(new int[] {0, 0, 10}, new int[] {0, 11, 10}, new int[] {0, 25, 10}), 1 << 30))
        .as("one block of gap to thirty, but not four more")
        .containsExactly(step(A, 0, 21), step(A, 25, 10));
  }

  @Test
  void aLongRangeIsCutSoThatConnectionsShareIt() {
    int blocks = (int) (PrefetchPlan.MAX_STEP_BYTES / BLOCK);
    assertThat(PrefetchPlan.of(trace(new int[] {0, 5, 2 * blocks + 1}), 1 << 30))
        .containsExactly(
            step(A, 5, blocks), step(A, 5 + blocks, blocks), step(A, 5 + 2 * blocks, 1));
  }

  @Test
  void noMoreIsPlannedThanTheBudgetHas() {
    assertThat(PrefetchPlan.of(trace(new int[] {0, 0, 10}, new int[] {1, 0, 10}), 12 * BLOCK))
        .containsExactly(step(A, 0, 10), step(B, 0, 2));
  }

  @Test
  void whatIsReadFirstIsNotHeldBackByWhatIsReadMuchLater() {
    int window = (int) (PrefetchPlan.FIRST_WINDOW_BYTES / BLOCK);
    assertThat(
            PrefetchPlan.of(
                trace(new int[] {0, 1000, window}, new int[] {1, 0, 1}, new int[] {0, 999, 1}),
                1 << 30))
        .containsExactly(step(A, 1000, window), step(B, 0, 1), step(A, 999, 1));
  }

  @RepeatedTest(20)
  void allThatATraceNamesIsPlannedAndAtMostATenthMore() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    List<Trace.Range> ranges = new ArrayList<>();
    BitSet named = new BitSet();
    int layerBlocks = 20_000;
    while (ranges.size() < 1000) {
      int first = random.nextInt(layerBlocks - 64);
      int count = 1 + random.nextInt(64);
      int layer = random.nextInt(2);
      int from = layer * layerBlocks + first;
      // As a recorder does, each block once.
      if (named.get(from, from + count).isEmpty()) {
        ranges.add(new Trace.Range(layer, (long) first * BLOCK, (long) count * BLOCK));
        named.set(from, from + count);
      }
      if (named.cardinality() > layerBlocks) {
        break;
      }
    }
    Trace trace = new Trace(A, List.of(A, B), ranges);
    List<Step> steps = PrefetchPlan.of(trace, Long.MAX_VALUE);
    BitSet planned = new BitSet();
    for (Step step : steps) {
      int from = (step.layer().equals(A) ? 0 : layerBlocks) + (int) (step.offset() / BLOCK);
      planned.set(from, from + (int) (step.length() / BLOCK));
    }
    named.andNot(planned);
    assertThat(named.cardinality()).as("seed %d", seed).isZero();
    assertThat(steps.stream().mapToLong(Step::length).sum())
        .as("seed %d", seed)
        .isLessThanOrEqualTo(trace.bytes() * 11 / 10);
    assertThat(steps).as("seed %d", seed).hasSizeLessThanOrEqualTo(ranges.size());
  }
}
