package io.lazerofs.snapshotter.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The command {@code lazerofs}: finds the subcommand, and turns what it throws into a line. */
@Command(
    name = "lazerofs",
    description = "Containers that start before their image is downloaded.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      MkfsCommand.class,
      DumpCommand.class,
      FsckCommand.class,
      MountCommand.class,
      UmountCommand.class,
      ConvertCommand.class,
      SnapshotterCommand.class,
      UpgradeCommand.class,
      PullCommand.class,
      StatusCommand.class,
      CacheCommand.class,
      TraceCommand.class,
      OptimizeCommand.class,
      ConfigCommand.class
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:success, also after SIGTERM",
      "1:failure",
      "2:wrong usage",
      "143:aborted by a second SIGTERM, or because ending after the first took too long"
    },
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    versionProvider = Version.class)
public final class Lazerofs implements Runnable {
  @Spec private CommandSpec spec;

  @Option(
      names = {"-v", "--verbose"},
      scope = ScopeType.INHERIT,
      description = "Say more, and show where in the program a failure came from.")
  private boolean verbose;

  @SuppressWarnings("NullAway.Init") // spec is set by picocli
  Lazerofs() {}

  /** Runs one command and exits with its status: 0, 1 for a failure, 2 for wrong usage. */
  public static void main(String[] arguments) {
    System.exit(run(arguments));
  }

  /** Runs one command and returns its exit status. */
  public static int run(String... arguments) {
    Lazerofs lazerofs = new Lazerofs();
    return new CommandLine(lazerofs)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionStrategy(parsed -> {
          if (lazerofs.verbose) {
            Logging.verbose();
          }
          return new CommandLine.RunLast().execute(parsed);
        })
        .setParameterExceptionHandler(Failures::usage)
        .setExecutionExceptionHandler(
            (e, command, parsed) -> Failures.failure(e, command, lazerofs.verbose))
        .execute(arguments);
  }

  @Override
  public void run() {
    throw new CommandLine.ParameterException(spec.commandLine(), "no command given");
  }
}
