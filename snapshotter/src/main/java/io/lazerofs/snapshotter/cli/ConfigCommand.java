package io.lazerofs.snapshotter.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code lazerofs config}: commands about configurations. */
@Command(
    name = "config",
    description = "Write and check configurations.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {ConfigContainerdCommand.class, ConfigCheckCommand.class})
final class ConfigCommand implements Runnable {
  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // spec is set by picocli
  ConfigCommand() {}

  @Override
  public void run() {
    throw new CommandLine.ParameterException(spec.commandLine(), "no command given");
  }
}
