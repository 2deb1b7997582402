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
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code lazerofs snapshotter}: the daemon, in this process. */
@Command(
    name = "snapshotter",
    description =
        "Serve containerd as a snapshotter, in the foreground, until SIGTERM, which lets reads that"
            + " are under way end; a second one aborts them. The configuration is TOML; root and"
            + " address (the socket) are all that it needs.")
final class SnapshotterCommand implements Callable<Integer> {
  @Option(
      names = "--config",
      paramLabel = "FILE",
      required = true,
      description = "The configuration.")
  private Path config;

  @SuppressWarnings("NullAway.Init") // options are set by picocli
  SnapshotterCommand() {}

  @Override
  public Integer call() throws IOException, ConfigurationException, InterruptedException {
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
