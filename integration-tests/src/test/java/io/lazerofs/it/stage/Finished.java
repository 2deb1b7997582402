package io.lazerofs.it.stage;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;

/**
 * A command that ran to its end.
 *
 * @param words the command
 * @param status its exit status
 * @param out what it wrote to standard output
 * @param err what it wrote to standard error
 */
public record Finished(List<String> words, int status, String out, String err) {
  /** Holds that the command succeeded. */
  public Finished ok() {
    assertThat(status).as("%s%n%s%s", String.join(" ", words), out, err).isZero();
    return this;
  }

  /**
   * Holds that the command failed with this status and said so in one line, its last on standard
   * error, with no stack.
   *
   * @return that line
   */
  public String failedWith(int expected) {
    assertThat(status).as("%s%n%s%s", String.join(" ", words), out, err).isEqualTo(expected);
    var lines = err.lines().filter(line -> !line.isBlank()).toList();
    assertThat(lines).noneMatch(line -> line.startsWith("\tat "));
    assertThat(lines.stream().filter(line -> line.startsWith("lazerofs: ")))
        .as("one line that says what went wrong: %s", err)
        .containsExactly(lines.getLast());
    return lines.getLast();
  }
}
