package io.lazerofs.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazerofs.it.fuzz.Corpus;
import io.lazerofs.it.fuzz.Finding;
import io.lazerofs.it.fuzz.Fuzzer;
import io.lazerofs.it.fuzz.Mutant;
import io.lazerofs.it.fuzz.Original;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever the bytes of an image are, walking and reading all of it ends in time, within bounds of
 * memory, and with nothing worse than an ErofsException. {@code ./bench.sh fuzz} tries more.
 */
final class FuzzIT {
  private static final Path REGRESSIONS = Path.of("src", "test", "resources", "hostile");
  private static final long SEED = 20_261_121L;
  private static final int MUTANTS = 20_000;
  private static final int THREADS = 2;

  @Test
  void mutantsOfEveryImageAreReadOrRefused() throws Exception {
    System.out.println("seed " + SEED);
    Fuzzer.Result result = Fuzzer.of(Corpus.load(Images.FIXTURES)).run(SEED, MUTANTS, THREADS);
    System.out.println(result.outcomes() + ", " + result.mostMemory() + " bytes at most");
    assertThat(result.findings()).extracting(Finding::text).isEmpty();
    assertThat(result.outcomes()).containsOnlyKeys("REFUSED", "WRONG_IN_PLACES", "RIGHT");
    assertThat(result.mutants()).isEqualTo(MUTANTS);
  }

  static Stream<Path> regressions() {
    try (Stream<Path> files = Files.list(REGRESSIONS)) {
      return files.sorted().toList().stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @MethodSource("regressions")
  void whatWasFoundOnceStaysFixed(Path file) throws Exception {
    List<Original> originals = Corpus.load(Images.FIXTURES);
    Mutant mutant = Mutant.parse(file, originals);
    assertThat(Fuzzer.of(originals).replay(mutant)).isEmpty();
  }
}
