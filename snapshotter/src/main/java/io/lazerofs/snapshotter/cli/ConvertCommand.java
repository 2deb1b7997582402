package io.lazerofs.snapshotter.cli;

import io.lazerofs.erofs.write.WriteOptions;
import io.lazerofs.fetcher.registry.Document;
import io.lazerofs.fetcher.registry.ImageLocation;
import io.lazerofs.fetcher.registry.Platform;
import io.lazerofs.snapshotter.convert.ImageConverter;
import io.lazerofs.snapshotter.convert.LayerMediaType;
import io.lazerofs.snapshotter.progress.ConsoleProgress;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lazerofs convert}: an image into one whose layers are EROFS images. */
@Command(
    name = "convert",
    description =
        "Convert an image into one whose layers are EROFS images, which load lazily. SRC and DST"
            + " are image references, or oci:DIR[:TAG] for an OCI layout.")
final class ConvertCommand implements Callable<Integer> {

  /** The heap that one layer's conversion may take besides the threads that compress, bytes. */
  private static final long HEAP_PER_LAYER = 96L << 20;

  @Parameters(index = "0", paramLabel = "SRC", description = "The image to convert.")
  private String source;

  @Parameters(index = "1", paramLabel = "DST", description = "What the result is to be called.")
  private String destination;

  @Option(
      names = "--layer-media-type",
      paramLabel = "oci|erofs",
      defaultValue = "erofs",
      description =
          "How the manifest names its layers: application/vnd.erofs.layer.v1 (erofs, the default),"
              + " or application/vnd.oci.image.layer.v1.erofs (oci), which containerd before 2.1"
              + " needs. The layers are the same.")
  private LayerMediaType mediaType;

  @Option(
      names = "--platform",
      paramLabel = "OS/ARCH[/VARIANT]",
      converter = PlatformConverter.class,
      description =
          "Convert the images for this platform only; may be given more than once (default: all).")
  private List<Platform> platforms = new ArrayList<>();

  @Mixin private ImageOptions imageOptions;
  @Mixin private RegistryOptions registryOptions;
  @Mixin private RootOption root;
  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // parameters are set by picocli
  ConvertCommand() {}

  @Override
  public Integer call() throws IOException {
    WriteOptions options = imageOptions.writeOptions();
    try (var connection = registryOptions.connect();
        var temporary = TemporaryDirectory.in(root.directory().resolve("tmp"))) {
      ImageLocation from = connection.registries().open(source);
      ImageLocation to = connection.registries().open(destination);
      ImageConverter converter =
          new ImageConverter(
              from.store(),
              to.store(),
              mediaType,
              options,
              temporary.path(),
              parallelism(),
              ConsoleProgress.onStandardError(InstantSource.system()));
      Document document = converter.convert(from.reference(), to.reference(), platforms);
      spec.commandLine().getOut().println(to + " " + document.digest());
      return 0;
    }
  }

  private static int parallelism() {
    long byHeap = Runtime.getRuntime().maxMemory() / 2 / HEAP_PER_LAYER;
    return Math.clamp(byHeap, 1, Runtime.getRuntime().availableProcessors());
  }
}
