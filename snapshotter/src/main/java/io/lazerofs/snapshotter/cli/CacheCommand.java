package io.lazerofs.snapshotter.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code lazerofs cache}: the group of commands for the cache's administrator. */
@Command(
    name = "cache",
    description =
        "Look at the snapshotter's cache and work on it: through the running snapshotter, or on the"
            + " directory itself while none runs, which is locked meanwhile.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {CacheListCommand.class, CachePruneCommand.class, CacheVerifyCommand.class})
final class CacheCommand implements Runnable {
  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // spec is set by picocli
  CacheCommand() {}

  @Override
  public void run() {
    throw new CommandLine.ParameterException(spec.commandLine(), "no command given");
  }
}
