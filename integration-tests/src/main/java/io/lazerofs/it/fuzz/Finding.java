package io.lazerofs.it.fuzz;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A mutant that the reader did not stand.
 *
 * @param seed of the mutant, for its original
 * @param cause what went wrong
 */
public record Finding(Mutant mutant, long seed, Throwable cause) {

  /** Returns what went wrong, where, and the mutant, as the file of a regression has it. */
  public String text() {
    StringWriter trace = new StringWriter();
    cause.printStackTrace(new PrintWriter(trace));
    StringBuilder text = new StringBuilder("# seed " + seed + "\n");
    trace.toString().lines().forEach(line -> text.append("# ").append(line).append('\n'));
    return text + mutant.text();
  }

  /** Writes the text to a file that is named after original and seed, and returns it. */
  public Path write(Path directory) throws IOException {
    Files.createDirectories(directory);
    String name = mutant.original() + "-" + Long.toUnsignedString(seed, 36) + ".mutant";
    return Files.writeString(directory.resolve(name), text());
  }
}
