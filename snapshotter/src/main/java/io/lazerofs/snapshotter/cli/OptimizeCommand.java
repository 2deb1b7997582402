package io.lazerofs.snapshotter.cli;

import io.lazerofs.fetcher.registry.ImageStore;
import io.lazerofs.fetcher.registry.RegistryRepository;
import io.lazerofs.fetcher.trace.Trace;
import io.lazerofs.fetcher.trace.TraceFormat;
import io.lazerofs.fetcher.trace.TraceStore;
import io.lazerofs.snapshotter.daemon.ConfigurationException;
import io.lazerofs.snapshotter.progress.Sizes;
import io.lazerofs.source.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lazerofs optimize}: puts a trace beside its image. */
@Command(
    name = "optimize",
    description =
        "Store what containers of an image read first beside the image in its registry. Later cold"
            + " starts fetch that ahead. The image stays as it is, its digest too.")
final class OptimizeCommand implements Callable<Integer> {
  @Mixin private TracedImageOptions options;

  @Option(
      names = "--trace",
      paramLabel = "FILE",
      description =
          "The trace, as trace --json writes it (default: what the running snapshotter has on"
              + " record).")
  private @Nullable Path file;

  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // parameters are set by picocli
  OptimizeCommand() {}

  @Override
  public Integer call() throws IOException, ConfigurationException {
    Path socket = options.socket();
    try (var connection = options.connect()) {
      TracedImage image = options.find(connection);
      if (!(image.location().store() instanceof RegistryRepository repository)) {
        throw new IOException(
            options.reference() + ": is in no registry, where a trace could lie beside it");
      }
      Trace trace = file == null ? image.recorded(socket) : read(file, image);
      Digest stored = new TraceStore(repository).put(image.manifest(), trace, Instant.now());
      spec.commandLine()
          .getOut()
          .println(
              "%s: trace of %s in %d ranges stored as %s"
                  .formatted(
                      image.location(), Sizes.text(trace.bytes()), trace.ranges().size(), stored));
    }
    return 0;
  }

  private static Trace read(Path file, TracedImage image) throws IOException {
    Trace trace;
    try (InputStream bytes = Files.newInputStream(file)) {
      trace = TraceFormat.decode(bytes.readNBytes(ImageStore.MAX_BLOB_IN_MEMORY));
    }
    if (!trace.image().equals(image.manifest().digest())) {
      throw new IOException(
          "%s: is a trace of %s, and %s is %s"
              .formatted(file, trace.image(), image.location(), image.manifest().digest()));
    }
    return trace;
  }
}
