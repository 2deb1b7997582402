package io.lazerofs.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** A program of the system, run to its end. */
final class Command {
  private Command() {}

  /**
   * Runs a program in a directory and returns the lines that it prints, a character for a byte.
   * Fails unless it succeeds.
   */
  static List<String> run(Path directory, String... command)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    byte[] output = process.getInputStream().readAllBytes();
    assertThat(process.waitFor()).as(String.join(" ", command)).isZero();
    return new String(output, StandardCharsets.ISO_8859_1).lines().toList();
  }
}
