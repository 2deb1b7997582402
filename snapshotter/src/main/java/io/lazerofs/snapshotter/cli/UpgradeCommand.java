package io.lazerofs.snapshotter.cli;

import io.lazerofs.snapshotter.daemon.Configuration;
import io.lazerofs.snapshotter.daemon.ConfigurationException;
import io.lazerofs.snapshotter.keeper.Upgrade;
import io.lazerofs.snapshotter.mount.StateDirectory;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lazerofs upgrade}: this version in the place of the one that runs. */
@Command(
    name = "upgrade",
    description =
        "Put a snapshotter of this version, or with another configuration, in the place of the one"
            + " that runs. The new one is started beside the old one, which leaves its mount and"
            + " its socket to it; containers live on. When the new one fails, the old one goes on.")
final class UpgradeCommand implements Callable<Integer> {
  /** Where {@code bin/lazerofs} is. */
  private static final String COMMAND = "LAZEROFS_COMMAND";

  @Option(
      names = "--config",
      paramLabel = "FILE",
      required = true,
      description = "The new one's configuration; its root is the old one's.")
  private Path config;

  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // options are set by picocli
  UpgradeCommand() {}

  @Override
  public Integer call() throws IOException, ConfigurationException {
    Configuration configuration = Configuration.read(config);
    Logging.daemon(configuration.log());
    String command = System.getenv(COMMAND);
    if (command == null) {
      throw new IOException("upgrade works from bin/lazerofs only, which sets " + COMMAND);
    }
    StateDirectory directory = StateDirectory.open(configuration.root());
    Upgrade upgrade = Upgrade.prepare(directory.lock(), directory.session());
    long pid =
        upgrade.run(
            List.of(command, "snapshotter", "--config", config.toAbsolutePath().toString()),
            System.getenv());
    PrintWriter out = spec.commandLine().getOut();
    out.println("process " + pid + " serves now, version " + Version.number());
    return 0;
  }
}
