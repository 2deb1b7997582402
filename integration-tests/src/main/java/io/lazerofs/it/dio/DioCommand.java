package io.lazerofs.it.dio;

import io.lazerofs.dio.DirectIoSettings;
import io.lazerofs.it.fuzz.Corpus;
import io.lazerofs.it.fuzz.Original;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/**
 * The comparison as a process of its own: {@code DioCommand CORPUS SEED CALLS DIRECTORY} prints
 * what was compared and each disagreement, and fails if there is any.
 */
public final class DioCommand {
  private DioCommand() {}

  /**
   * Compares on all processors.
   *
   * @param args the directory of the images, a seed, the number of calls, an empty directory on a
   *     disk
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    if (args.length != 4) {
      System.err.println("usage: DioCommand CORPUS SEED CALLS DIRECTORY");
      System.exit(2);
    }
    InstantSource clock = InstantSource.system();
    Instant start = clock.instant();
    Path directory = Path.of(args[3]);
    List<Original> images = new ArrayList<>(Corpus.load(Path.of(args[0])));
    images.addAll(OwnImages.make(Files.createDirectory(directory.resolve("own"))));
    int threads = Runtime.getRuntime().availableProcessors();
    Tally tally =
        Differential.run(
            images,
            DirectIoSettings.DEFAULT,
            Long.parseLong(args[1]),
            Long.parseLong(args[2]),
            threads,
            directory);
    double seconds = Duration.between(start, clock.instant()).toMillis() / 1000.0;
    System.out.printf("seed %s, %.1f s%n%s", args[1], seconds, tally.table());
    tally.disagreements().forEach(System.out::println);
    tally
        .unmetDifferences()
        .forEach(name -> System.out.println("a known difference that no call has met: " + name));
    boolean good = tally.disagreements().isEmpty() && tally.unmetDifferences().isEmpty();
    System.exit(good ? 0 : 1);
  }
}
