package io.lazerofs.it.survive;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The kills as a process of its own: {@code SurviveCommand TREE DATA ROOT ROUNDS SEED} prints what
 * readers saw of them, and fails if one met an errno or a wrong byte.
 */
public final class SurviveCommand {
  private SurviveCommand() {}

  /**
   * Reads and kills.
   *
   * @param args where an image is seen, a file with what its {@code data} contains, the daemon's
   *     root, the number of kills, a seed
   */
  public static void main(String[] args) throws Exception {
    if (args.length != 5) {
      System.err.println("usage: SurviveCommand TREE DATA ROOT ROUNDS SEED");
      System.exit(2);
    }
    byte[] data = Files.readAllBytes(Path.of(args[1]));
    System.out.println(
        KillRounds.run(
            Path.of(args[0]),
            data,
            Path.of(args[2]),
            Integer.parseInt(args[3]),
            Long.parseLong(args[4])));
    System.exit(0);
  }
}
