package io.lazerofs.snapshotter.cli;

import io.grpc.StatusException;
import io.lazerofs.fetcher.registry.Descriptor;
import io.lazerofs.fetcher.registry.Document;
import io.lazerofs.fetcher.registry.ImageLocation;
import io.lazerofs.fetcher.registry.Index;
import io.lazerofs.fetcher.registry.Manifest;
import io.lazerofs.fetcher.registry.Platform;
import io.lazerofs.fetcher.trace.Trace;
import io.lazerofs.snapshotter.proto.DaemonGrpc;
import io.lazerofs.snapshotter.proto.TraceRequest;
import io.lazerofs.snapshotter.proto.TraceResponse;
import io.lazerofs.snapshotter.rpc.SocketClient;
import io.lazerofs.source.Digest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * One image of a registry whose first reads are asked for.
 *
 * @param manifest the image's own, and not an index
 */
record TracedImage(ImageLocation location, Document manifest) {
  private static final long ANSWER_SECONDS = 10;

  /** Finds the image for a platform. */
  static TracedImage find(ImageLocation location, Platform platform) throws IOException {
    Document document = location.resolve();
    if (document.isIndex()) {
      Descriptor chosen =
          Index.parse(document)
              .choose(platform)
              .orElseThrow(() ->
                  new IOException(
                      location + ": holds no image for " + platform + "; try --platform"));
      document = location.store().resolve(chosen.digest().toString());
    }
    return new TracedImage(location, document);
  }

  /**
   * Asks a daemon what was read first of the image.
   *
   * @throws IOException also when it has nothing on record
   */
  Trace recorded(Path socket) throws IOException {
    List<Digest> layers =
        Manifest.parse(manifest).layers().stream().map(Descriptor::digest).distinct().toList();
    Trace trace = new Trace(manifest.digest(), layers, ask(socket, layers));
    if (trace.ranges().isEmpty()) {
      throw new IOException(
          location
              + ": no reads of it are on record; remove it, pull it again with this snapshotter,"
              + " run it, and ask while it is there");
    }
    return trace;
  }

  private List<Trace.Range> ask(Path socket, List<Digest> layers) throws IOException {
    TraceRequest request =
        TraceRequest.newBuilder()
            .addAllLayers(layers.stream().map(Digest::toString).toList())
            .build();
    try (SocketClient client = SocketClient.of("snapshotter", socket)) {
      try {
        TraceResponse response =
            DaemonGrpc.newBlockingV2Stub(client.channel())
                .withDeadlineAfter(ANSWER_SECONDS, TimeUnit.SECONDS)
                .trace(request);
        return response.getRangesList().stream()
            .map(range -> new Trace.Range(range.getLayer(), range.getOffset(), range.getLength()))
            .toList();
      } catch (StatusException e) {
        throw client.failure("asking for the first reads", e);
      }
    }
  }
}
