package io.lazerofs.it.faults;

import java.io.IOException;
import java.nio.file.Path;

/**
 * The fault runs as a process of its own: {@code FaultCommand REGISTRY SEED COUNT DIRECTORY} prints
 * what they did, and fails if a read was wrong or failed too early. A seed that is reported is
 * tried again with a count of 1.
 */
public final class FaultCommand {
  private FaultCommand() {}

  /**
   * Makes the runs.
   *
   * @param args host and port of a registry, the first seed, the number of runs, an empty directory
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    if (args.length != 4) {
      System.err.println("usage: FaultCommand REGISTRY SEED COUNT DIRECTORY");
      System.exit(2);
    }
    FaultRuns runs =
        FaultRuns.run(
            args[0], Long.parseLong(args[1]), Integer.parseInt(args[2]), Path.of(args[3]));
    runs.problems().forEach(System.out::println);
    System.out.println(runs.summary() + ", from seed " + args[1]);
    System.exit(runs.problems().isEmpty() ? 0 : 1);
  }
}
