package io.lazerofs.it.conformance;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** A program of the system, run to its end. */
public final class Program {
  private Program() {}

  /**
   * Runs a program and returns what it prints to either output.
   *
   * @throws IOException when it fails, with what it printed
   */
  public static String run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    int status = process.waitFor();
    if (status != 0) {
      throw new IOException(
          String.join(" ", command) + " failed with " + status + ": " + output.strip());
    }
    return output;
  }
}
