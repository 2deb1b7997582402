package io.lazerofs.snapshotter.cli;

import io.lazerofs.snapshotter.daemon.ConfigurationCheck;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lazerofs config check}: whether a snapshotter can start with a configuration. */
@Command(
    name = "check",
    description =
        "Say line by line what is wrong with the snapshotter's configuration on this machine, and"
            + " exit with 1 if anything is. Nothing is changed, and no registry is asked.")
final class ConfigCheckCommand implements Callable<Integer> {
  private static final int FOUND_WRONG = 1;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      defaultValue = "/etc/lazerofs/config.toml",
      description = "The configuration (default: ${DEFAULT-VALUE}).")
  private Path config;

  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // options are set by picocli
  ConfigCheckCommand() {}

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    List<String> problems = ConfigurationCheck.of(config);
    problems.forEach(out::println);
    if (problems.isEmpty()) {
      out.println(config + ": good");
    }
    return problems.isEmpty() ? 0 : FOUND_WRONG;
  }
}
