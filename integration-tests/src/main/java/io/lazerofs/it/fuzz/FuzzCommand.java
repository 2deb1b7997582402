package io.lazerofs.it.fuzz;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.TreeMap;

/**
 * The fuzzer as a process of its own: {@code FuzzCommand CORPUS SEED COUNT FINDINGS} prints what it
 * did, writes findings into a directory, and fails if there are any.
 */
public final class FuzzCommand {
  private FuzzCommand() {}

  /**
   * Walks mutants on all processors.
   *
   * @param args the directory of the originals, a seed, the number of mutants, a directory for
   *     findings
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    if (args.length != 4) {
      System.err.println("usage: FuzzCommand CORPUS SEED COUNT FINDINGS");
      System.exit(2);
    }
    List<Original> originals = Corpus.load(Path.of(args[0]));
    InstantSource clock = InstantSource.system();
    Instant start = clock.instant();
    int threads = Runtime.getRuntime().availableProcessors();
    Fuzzer.Result result =
        Fuzzer.of(originals).run(Long.parseLong(args[1]), Long.parseLong(args[2]), threads);
    double seconds = Duration.between(start, clock.instant()).toMillis() / 1000.0;
    for (Finding finding : result.findings()) {
      System.out.println(finding.write(Path.of(args[3])) + ": " + finding.cause());
    }
    System.out.printf(
        "%d mutants of %d images, seed %s, in %.1f s (%.0f a second): %s, %d findings;"
            + " at most %.1f MiB allocated for an image%n",
        result.mutants(),
        originals.size(),
        args[1],
        seconds,
        result.mutants() / seconds,
        new TreeMap<>(result.outcomes()),
        result.findings().size(),
        result.mostMemory() / 1048576.0);
    System.exit(result.findings().isEmpty() ? 0 : 1);
  }
}
