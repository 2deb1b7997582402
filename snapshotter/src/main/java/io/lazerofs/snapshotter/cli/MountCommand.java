package io.lazerofs.snapshotter.cli;

import io.lazerofs.dio.DirectIoSettings;
import io.lazerofs.fetcher.registry.Platform;
import io.lazerofs.snapshotter.daemon.Configuration;
import io.lazerofs.snapshotter.mount.Verify;
import io.lazerofs.snapshotter.standalone.FuseKind;
import io.lazerofs.snapshotter.standalone.ImageFileMount;
import io.lazerofs.snapshotter.standalone.RegistryImageMount;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** {@code lazerofs mount}: an image file, or an image in a registry, as a directory. */
@Command(
    name = "mount",
    description =
        "Mount an EROFS image, or an image in a registry as one read-only tree. Returns when it can"
            + " be used; a process in the background serves it until lazerofs umount.")
final class MountCommand implements Callable<Integer> {
  @Parameters(
      index = "0",
      paramLabel = "IMAGE.erofs|REF",
      description =
          "An EROFS image in a file; if there is no such file, an image in a registry, or"
              + " oci:DIR[:TAG].")
  private String source;

  @Parameters(index = "1", paramLabel = "DIR", description = "Where to mount it.")
  private Path directory;

  @Option(
      names = "--device",
      paramLabel = "BLOB",
      description = "An extra device of the image, in the order of its device table.")
  private List<Path> devices = new ArrayList<>();

  @Option(
      names = "--platform",
      paramLabel = "OS/ARCH[/VARIANT]",
      converter = PlatformConverter.class,
      description = "Which image of several to mount (default: that of this machine).")
  private @Nullable Platform platform;

  @Option(
      names = "--fuse",
      paramLabel = "raw|jnr",
      converter = FuseKindConverter.class,
      description =
          "How to serve: by this program alone, as root, or through libfuse 2 and fusermount"
              + " (default: raw as root, else jnr).")
  private @Nullable FuseKind chosen;

  @Option(
      names = "--verify",
      paramLabel = "require|when-possible",
      defaultValue = "when-possible",
      converter = VerifyConverter.class,
      description =
          "What to do with a layer of REF that has no hash tree: refuse it, or check it as a whole"
              + " when all of it is there (the default).")
  private Verify verify;

  @Option(
      names = "--foreground",
      description =
          "Serve in this process, until it is unmounted or SIGTERM, which lets reads that are under"
              + " way end; a second one aborts them.")
  private boolean foreground;

  @Mixin private RegistryOptions registryOptions;
  @Mixin private DirectIoOption directIo;
  @Mixin private RootOption root;
  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // parameters are set by picocli
  MountCommand() {}

  @Override
  public Integer call() throws IOException {
    DirectIoSettings settings = directIo.settings();
    if (!foreground) {
      ParseResult all = spec.root().commandLine().getParseResult();
      return Background.start(all.originalArgs(), root.directory(), directory, spec);
    }
    Logging.daemon(Configuration.Log.DEFAULT);
    FuseKind fuse = chosen == null ? FuseKind.ofThisUser() : chosen;
    boolean file = Files.exists(Path.of(source));
    if (!file && !devices.isEmpty()) {
      throw new ParameterException(spec.commandLine(), source + ": no such file, so no --device");
    }
    try (var waiters = Executors.newVirtualThreadPerTaskExecutor()) {
      if (file) {
        new ImageFileMount(Path.of(source), devices, settings, fuse)
            .serve(root.directory(), directory, waiters, this::sayUsable);
        return 0;
      }
      Platform wanted = platform == null ? Platform.current() : platform;
      try (var connection = registryOptions.connect()) {
        new RegistryImageMount(
                connection.registries().open(source),
                wanted.withOsFeatures(Set.of("erofs")),
                verify,
                settings,
                fuse)
            .serve(root.directory(), directory, waiters, this::sayUsable);
        return 0;
      }
    }
  }

  /** The line that a process in the foreground is waited for to print. */
  private void sayUsable() {
    PrintWriter out = spec.commandLine().getOut();
    out.println(source + " is mounted on " + directory);
    out.flush();
  }
}
