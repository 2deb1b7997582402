package io.lazerofs.snapshotter.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
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
    return commandLine(lazerofs, arguments)
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

  /**
   * Returns the command line with the command that is asked for, or, when the first argument names
   * none, with all. To read the annotations of all takes a tenth of a second.
   */
  private static CommandLine commandLine(Lazerofs lazerofs, String... arguments) {
    CommandLine line = new CommandLine(lazerofs);
    Map<String, Class<?>> commands = commands();
    if (arguments.length > 0 && commands.containsKey(arguments[0])) {
      commands.keySet().retainAll(Set.of(arguments[0]));
    }
    commands.forEach(line::addSubcommand);
    return line;
  }

  /** Returns all commands by name, in the order of the help. */
  private static Map<String, Class<?>> commands() {
    Map<String, Class<?>> commands = new LinkedHashMap<>();
    commands.put("mkfs", MkfsCommand.class);
    commands.put("dump", DumpCommand.class);
    commands.put("fsck", FsckCommand.class);
    commands.put("mount", MountCommand.class);
    commands.put("umount", UmountCommand.class);
    commands.put("convert", ConvertCommand.class);
    commands.put("snapshotter", SnapshotterCommand.class);
    commands.put("upgrade", UpgradeCommand.class);
    commands.put("pull", PullCommand.class);
    commands.put("status", StatusCommand.class);
    commands.put("cache", CacheCommand.class);
    commands.put("trace", TraceCommand.class);
    commands.put("optimize", OptimizeCommand.class);
    commands.put("config", ConfigCommand.class);
    return commands;
  }

  @Override
  public void run() {
    throw new CommandLine.ParameterException(spec.commandLine(), "no command given");
  }
}
