package io.lazerofs.snapshotter.cli;

import io.lazerofs.snapshotter.standalone.MountLog;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;

/**
 * A command that goes on in a process of its own after this one has returned.
 *
 * <p>That process is this very command with {@code --foreground} added, in a session of its own, so
 * that no terminal takes it along. Its first line on standard output says that it can be used; what
 * it writes to standard error goes to a log.
 */
final class Background {
  private Background() {}

  /**
   * Starts the process and returns the exit status once it can be used, or has failed and said why.
   *
   * @param arguments of this command
   */
  static int start(List<String> arguments, Path root, Path directory, CommandSpec spec)
      throws IOException {
    MountLog log = MountLog.of(root, directory);
    long begin = log.length();
    Process process =
        new ProcessBuilder(command(arguments))
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .redirectError(ProcessBuilder.Redirect.appendTo(log.file().toFile()))
            .start();
    try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
      String line = output.readLine();
      if (line != null) {
        return 0;
      }
    }
    int status = process.onExit().join().exitValue();
    spec.commandLine().getErr().print(log.since(begin));
    spec.commandLine().getErr().flush();
    log.discard();
    return status == 0 ? 1 : status;
  }

  private static List<String> command(List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add("setsid");
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(Lazerofs.class.getName());
    command.addAll(arguments);
    command.add("--foreground");
    return command;
  }
}
