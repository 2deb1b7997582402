package io.lazerofs.snapshotter.cli;

import io.lazerofs.fetcher.registry.DockerCredentials;
import io.lazerofs.files.FileCreationMask;
import io.lazerofs.snapshotter.daemon.Configuration;
import io.lazerofs.snapshotter.daemon.ConfigurationException;
import io.lazerofs.snapshotter.daemon.Daemon;
import io.lazerofs.snapshotter.process.ServiceManager;
import io.lazerofs.snapshotter.process.Watchdog;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code lazerofs snapshotter}: the daemon, in this process. */
@Command(
    name = "snapshotter",
    subcommands = StopCommand.class,
    description =
        "Serve containerd as a snapshotter, in the foreground, until SIGTERM, which lets reads that"
            + " are under way end; a second one aborts them. When it dies otherwise, it is started"
            + " again, and whoever reads from its mount only waits. The configuration is TOML; root"
            + " and address (the socket) are all that it needs.")
final class SnapshotterCommand implements Callable<Integer> {
  @Option(names = "--config", paramLabel = "FILE", description = "The configuration.")
  private @Nullable Path config;

  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // options are set by picocli
  SnapshotterCommand() {}

  @Override
  public Integer call() throws IOException, ConfigurationException, InterruptedException {
    if (config == null) {
      throw new ParameterException(spec.commandLine(), "Missing required option: '--config=FILE'");
    }
    FileCreationMask.ownerOnly();
    Configuration configuration = Configuration.read(config);
    Logging.daemon(configuration.log());
    DockerCredentials credentials =
        configuration
            .registry()
            .dockerConfig()
            .map(file -> DockerCredentials.at(file, System.getenv()))
            .orElseGet(() ->
                DockerCredentials.of(System.getenv(), Path.of(System.getProperty("user.home"))));
    ServiceManager manager = ServiceManager.of(System.getenv(), ProcessHandle.current().pid());
    try (Daemon daemon = Daemon.start(configuration, credentials, Version.number());
        Watchdog watchdog = Watchdog.start(manager, daemon::trouble)) {
      manager.ready("serving " + configuration.address());
      daemon.serve();
      manager.stopping();
    }
    return 0;
  }
}
