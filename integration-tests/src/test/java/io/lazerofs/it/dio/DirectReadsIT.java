package io.lazerofs.it.dio;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazerofs.dio.DirectIoSettings;
import io.lazerofs.dio.DirectIoSettings.Alignment;
import io.lazerofs.dio.DirectIoSettings.Backing;
import io.lazerofs.dio.DirectIoSettings.Compressed;
import io.lazerofs.it.MountTable;
import io.lazerofs.it.fuzz.Corpus;
import io.lazerofs.it.fuzz.Original;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Reads of every image give what the kernel gives, but for what is listed. {@code ./bench.sh
 * dio-conformance} makes more calls, with other seeds.
 */
final class DirectReadsIT {
  private static final Path FIXTURES = Path.of("..", "erofs", "src", "test", "resources", "erofs");
  private static final long SEED = 20_261_121;
  private static final long CALLS = 10_000;
  private static final int THREADS = 2;

  /** The fixtures that Linux 6.12 mounts, and our own. */
  private static final int IMAGES = 33;

  @TempDir Path directory;

  @Test
  void randomReadsGiveWhatTheKernelGives() throws Exception {
    System.out.println("seed " + SEED);
    List<Original> images = new ArrayList<>(Corpus.load(FIXTURES));
    images.addAll(OwnImages.make(Files.createDirectory(directory.resolve("own"))));
    Tally tally =
        Differential.run(images, DirectIoSettings.DEFAULT, SEED, CALLS, THREADS, directory);
    System.out.print(tally.table());
    assertThat(tally.disagreements()).isEmpty();
    assertThat(tally.unmetDifferences()).as("entries of the list that nothing needs").isEmpty();
    assertThat(tally.calls()).isGreaterThanOrEqualTo(CALLS * IMAGES / images.size());
    assertThat(tally.images()).isGreaterThanOrEqualTo(IMAGES);
    assertThat(MountTable.below(directory)).isEmpty();
  }

  @Test
  void compressedFilesThatAreRefusedAreThoseThatTheKernelRefuses() throws Exception {
    System.out.println("seed " + SEED);
    DirectIoSettings reject =
        new DirectIoSettings(Alignment.PER_MAPPING, Compressed.REJECT, Backing.PAGE_CACHE);
    Tally tally =
        Differential.run(Corpus.load(FIXTURES), reject, SEED, CALLS / 5, THREADS, directory);
    assertThat(tally.disagreements()).isEmpty();
    assertThat(tally.unmetDifferences()).containsExactly("COMPRESSED_OPEN");
  }
}
