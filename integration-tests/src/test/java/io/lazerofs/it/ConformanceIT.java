package io.lazerofs.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazerofs.it.conformance.Disagreement;
import io.lazerofs.it.conformance.Trials;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The kernel, mkfs.erofs, our reader and our writer say the same of random trees; half of the seeds
 * are for each direction. {@code ./bench.sh conformance} tries more seeds, and single ones.
 */
final class ConformanceIT {
  private static final long FIRST_SEED = 20_261_121L;
  private static final int TREES = 300;
  private static final int STANDS = 2;

  @TempDir Path directory;

  @Test
  void kernelReaderAndWriterAgreeOnRandomTrees() throws Exception {
    System.out.println("seeds from " + FIRST_SEED);
    assertThat(Trials.run(FIRST_SEED, TREES, STANDS, directory))
        .extracting(Disagreement::getMessage)
        .isEmpty();
  }

  /**
   * Large LZ4 pclusters of small blocks, and streams beside inodes in small blocks: images that the
   * kernel has refused or read wrongly.
   */
  @ParameterizedTest
  @ValueSource(longs = {36, 120, 132, 222})
  void seedsThatFoundFaultsAgree(long seed) throws Exception {
    assertThat(Trials.run(seed, 1, 1, directory)).extracting(Disagreement::getMessage).isEmpty();
  }
}
