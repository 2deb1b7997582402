package io.lazerofs.snapshotter.cli;

import io.lazerofs.fetcher.trace.Trace;
import io.lazerofs.fetcher.trace.TraceFormat;
import io.lazerofs.snapshotter.daemon.ConfigurationException;
import io.lazerofs.snapshotter.progress.Sizes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lazerofs trace}: what containers of an image read first. */
@Command(
    name = "trace",
    description =
        "Show what containers of an image read first since the running snapshotter opened its"
            + " layers, in the order of time.")
final class TraceCommand implements Callable<Integer> {
  @Mixin private TracedImageOptions image;

  @Option(names = "--json", description = "Print the trace as optimize --trace takes it.")
  private boolean json;

  @Option(
      names = "--output",
      paramLabel = "FILE",
      description = "Write to this file (default: standard output).")
  private @Nullable Path output;

  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // parameters are set by picocli
  TraceCommand() {}

  @Override
  public Integer call() throws IOException, ConfigurationException {
    Path socket = image.socket();
    try (var connection = image.connect()) {
      Trace trace = image.find(connection).recorded(socket);
      String text =
          json ? new String(TraceFormat.encode(trace), StandardCharsets.UTF_8) : toText(trace);
      if (output == null) {
        spec.commandLine().getOut().println(text);
      } else {
        Files.writeString(output, text + "\n");
      }
    }
    return 0;
  }

  private static String toText(Trace trace) {
    StringBuilder text = new StringBuilder();
    text.append(
        "image %s: %s in %d ranges of %d layers%n%-12s %14s %12s"
            .formatted(
                trace.image(),
                Sizes.text(trace.bytes()),
                trace.ranges().size(),
                trace.layers().size(),
                "layer",
                "offset",
                "bytes"));
    for (Trace.Range range : trace.ranges()) {
      text.append(
          "%n%-12s %14d %12d"
              .formatted(
                  trace.layers().get(range.layer()).hex().substring(0, 12),
                  range.offset(),
                  range.length()));
    }
    return text.toString();
  }
}
