package io.lazerofs.snapshotter.cli;

import io.lazerofs.snapshotter.daemon.Configuration;
import io.lazerofs.snapshotter.daemon.ConfigurationException;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say where the daemon listens: one of them, or none for the default. */
final class ServerOptions {
  @Option(
      names = "--address",
      paramLabel = "SOCKET",
      description = "The snapshotter's socket (default: that of the default configuration).")
  private @Nullable Path address;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "The snapshotter's configuration, which names its socket.")
  private @Nullable Path config;

  ServerOptions() {}

  /** Whether the socket itself was given; {@code given} is null when no option was. */
  static boolean namesSocket(@Nullable ServerOptions given) {
    return given != null && given.address != null;
  }

  /** Returns the daemon's configuration, but for a socket that was given. */
  static Configuration configuration(@Nullable ServerOptions given)
      throws IOException, ConfigurationException {
    return given == null || given.config == null
        ? Configuration.of(Configuration.DEFAULT_ROOT, Configuration.DEFAULT_ADDRESS)
        : Configuration.read(given.config);
  }

  /** Returns the socket; {@code given} is null when no option was. */
  static Path socket(@Nullable ServerOptions given) throws IOException, ConfigurationException {
    if (given == null) {
      return Configuration.DEFAULT_ADDRESS;
    }
    if (given.address != null) {
      return given.address;
    }
    return given.config == null
        ? Configuration.DEFAULT_ADDRESS
        : Configuration.read(given.config).address();
  }
}
