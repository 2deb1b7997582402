package io.lazerofs.snapshotter.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazerofs.snapshotter.daemon.ConfigurationException;
import io.lazerofs.snapshotter.progress.Sizes;
import io.lazerofs.snapshotter.proto.CacheBlob;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lazerofs cache ls}: what the cache has on disk. */
@Command(name = "ls", description = "List the blobs of the cache, the least recently used first.")
final class CacheListCommand implements Callable<Integer> {
  private static final int DIGEST_CHARACTERS = 19;

  @ArgGroup private @Nullable ServerOptions server;

  @Option(names = "--json", description = "Print one JSON array.")
  private boolean json;

  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // spec is set by picocli
  CacheListCommand() {}

  @Override
  public Integer call() throws IOException, ConfigurationException {
    try (CacheConnection cache = CacheConnection.open(server)) {
      List<CacheBlob> blobs = cache.list();
      spec.commandLine().getOut().println(json ? toJson(blobs) : toText(blobs));
      return 0;
    }
  }

  private static String toJson(List<CacheBlob> blobs) {
    ArrayNode array = new ObjectMapper().createArrayNode();
    for (CacheBlob blob : blobs) {
      ObjectNode object =
          array
              .addObject()
              .put("digest", blob.getDigest())
              .put("size", blob.getSize())
              .put("present_bytes", blob.getPresentBytes())
              .put("allocated_bytes", blob.getAllocatedBytes())
              .put("last_use", lastUse(blob).toString())
              .put("verified", blob.getVerified())
              .put("open", blob.getOpen());
      ArrayNode images = object.putArray("images");
      blob.getImagesList().forEach(images::add);
    }
    return array.toString();
  }

  private static String toText(List<CacheBlob> blobs) {
    StringBuilder text = new StringBuilder();
    text.append(
        "%-19s %10s %10s %10s  %-20s %-8s %s"
            .formatted("blob", "size", "present", "on disk", "last use", "verified", "images"));
    for (CacheBlob blob : blobs) {
      text.append(
          "%n%-19s %10s %10s %10s  %-20s %-8s %s"
              .formatted(
                  blob.getDigest().substring(0, DIGEST_CHARACTERS),
                  Sizes.text(blob.getSize()),
                  Sizes.text(blob.getPresentBytes()),
                  Sizes.text(blob.getAllocatedBytes()),
                  lastUse(blob).truncatedTo(ChronoUnit.SECONDS),
                  blob.getVerified() ? "yes" : "no",
                  blob.getImagesCount() == 0 ? "-" : String.join(" ", blob.getImagesList())));
    }
    return text.toString();
  }

  private static Instant lastUse(CacheBlob blob) {
    return Instant.ofEpochMilli(blob.getLastUseMillis());
  }
}
