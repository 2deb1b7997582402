package io.lazerofs.snapshotter.cli;

import io.lazerofs.fetcher.registry.ImageLocation;
import io.lazerofs.fetcher.registry.Platform;
import io.lazerofs.snapshotter.progress.ConsoleProgress;
import io.lazerofs.snapshotter.pull.ContainerdClient;
import io.lazerofs.snapshotter.pull.Puller;
import io.lazerofs.source.Digest;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lazerofs pull}: an image into containerd, its layers lazily. */
@Command(
    name = "pull",
    description =
        "Pull an image into containerd. EROFS layers are not downloaded: lazerofs fetches what"
            + " containers read. Then run it: ctr run --snapshotter lazerofs REF ID")
final class PullCommand implements Callable<Integer> {
  @Parameters(paramLabel = "REF", description = "The image, in a registry.")
  private String reference;

  @Option(
      names = "--containerd",
      paramLabel = "SOCKET",
      defaultValue = "${env:CONTAINERD_ADDRESS:-/run/containerd/containerd.sock}",
      description =
          "containerd's socket (default: CONTAINERD_ADDRESS, else"
              + " /run/containerd/containerd.sock).")
  private Path containerd;

  @Option(
      names = "--namespace",
      paramLabel = "NS",
      defaultValue = "${env:CONTAINERD_NAMESPACE:-default}",
      description = "containerd's namespace (default: CONTAINERD_NAMESPACE, else default).")
  private String namespace;

  @Option(
      names = "--snapshotter",
      paramLabel = "NAME",
      defaultValue = "lazerofs",
      description = "The snapshotter's name in containerd's configuration (default: lazerofs).")
  private String snapshotter;

  @Option(
      names = "--platform",
      paramLabel = "OS/ARCH[/VARIANT]",
      converter = PlatformConverter.class,
      description = "Which image of several to pull (default: that of this machine).")
  private @Nullable Platform platform;

  @Mixin private RegistryOptions registryOptions;
  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // parameters are set by picocli
  PullCommand() {}

  @Override
  public Integer call() throws IOException {
    try (var connection = registryOptions.connect()) {
      ImageLocation image = connection.registries().open(reference);
      try (ContainerdClient client = ContainerdClient.of(containerd, namespace)) {
        Puller puller =
            new Puller(
                client,
                snapshotter,
                ConsoleProgress.onStandardError(InstantSource.system()),
                InstantSource.system(),
                new SecureRandom());
        Platform wanted = platform == null ? Platform.current() : platform;
        Digest digest = puller.pull(image, wanted.withOsFeatures(Set.of("erofs")));
        spec.commandLine().getOut().println(image + " " + digest);
        return 0;
      }
    }
  }
}
