package io.lazerofs.snapshotter.cli;

import io.lazerofs.fetcher.registry.Platform;
import io.lazerofs.snapshotter.daemon.ConfigurationException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which image of which registry is asked about, and the daemon that saw it being read. */
final class TracedImageOptions {
  @Parameters(paramLabel = "REF", description = "The image, in a registry.")
  private String reference;

  @ArgGroup private @Nullable ServerOptions server;

  @Option(
      names = "--platform",
      paramLabel = "OS/ARCH[/VARIANT]",
      converter = PlatformConverter.class,
      description = "Which image of several (default: that of this machine).")
  private @Nullable Platform platform;

  @Mixin private RegistryOptions registryOptions;

  @SuppressWarnings("NullAway.Init") // parameters are set by picocli
  TracedImageOptions() {}

  /** Returns the reference as it was given. */
  String reference() {
    return reference;
  }

  /** Returns the daemon's socket. */
  Path socket() throws IOException, ConfigurationException {
    return ServerOptions.socket(server);
  }

  /** Opens the way to registries; the caller closes it. */
  RegistryOptions.Connection connect() {
    return registryOptions.connect();
  }

  /** Finds the image, which has EROFS layers. */
  TracedImage find(RegistryOptions.Connection connection) throws IOException {
    Platform wanted = platform == null ? Platform.current() : platform;
    return TracedImage.find(
        connection.registries().open(reference), wanted.withOsFeatures(Set.of("erofs")));
  }
}
