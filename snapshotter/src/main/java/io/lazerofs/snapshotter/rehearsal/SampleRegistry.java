package io.lazerofs.snapshotter.rehearsal;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.lazerofs.erofs.write.TarImporter;
import io.lazerofs.fetcher.registry.ImageStore;
import io.lazerofs.fetcher.registry.MediaTypes;
import io.lazerofs.source.Digest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** A registry on a free loopback port that has one image, of one empty EROFS layer. */
final class SampleRegistry implements AutoCloseable {
  private static final byte[] EMPTY_TAR = new byte[1024];
  private static final String LAYER_TYPE = "application/vnd.erofs.layer.v1";
  private static final String CONFIG =
      """
      {"architecture": "amd64", "os": "linux", "os.features": ["erofs"], "config": {},
       "rootfs": {"type": "layers", "diff_ids": ["%s"]}}
      """;
  private static final String MANIFEST =
      """
      {"schemaVersion": 2, "mediaType": "%s", "config": %s, "layers": [%s]}
      """;

  private final Map<String, byte[]> blobs = new HashMap<>();
  private final byte[] manifest;
  private final HttpServer server;

  private SampleRegistry(byte[] layer) throws IOException {
    byte[] config = CONFIG.formatted(Digest.of(layer)).getBytes(StandardCharsets.UTF_8);
    blobs.put(Digest.of(layer).toString(), layer);
    blobs.put(Digest.of(config).toString(), config);
    manifest =
        MANIFEST
            .formatted(
                MediaTypes.OCI_MANIFEST,
                ImageStore.describe(MediaTypes.OCI_CONFIG, config).json(),
                ImageStore.describe(LAYER_TYPE, layer).json())
            .getBytes(StandardCharsets.UTF_8);
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
  }

  /**
   * @param temporary where the layer is made
   */
  static SampleRegistry start(Path temporary) throws IOException {
    Path layer = temporary.resolve("layer.erofs");
    TarImporter.importTar(new ByteArrayInputStream(EMPTY_TAR), layer);
    SampleRegistry registry = new SampleRegistry(Files.readAllBytes(layer));
    registry.server.start();
    return registry;
  }

  String image() {
    return "127.0.0.1:%d/sample:latest".formatted(server.getAddress().getPort());
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      String name = path.substring(path.lastIndexOf('/') + 1);
      exchange.getResponseHeaders().set("Content-Type", MediaTypes.OCI_MANIFEST);
      byte[] body = path.contains("/blobs/") ? blobs.getOrDefault(name, new byte[0]) : manifest;
      send(exchange, body);
    }
  }

  private static void send(HttpExchange exchange, byte[] body) throws IOException {
    String range = exchange.getRequestHeaders().getFirst("Range");
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.getResponseHeaders().set("Content-Length", Integer.toString(body.length));
      exchange.sendResponseHeaders(200, -1);
    } else if (range == null) {
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
    } else {
      String[] ends = range.substring("bytes=".length()).split("-", 2);
      int from = Integer.parseInt(ends[0]);
      int to = Integer.parseInt(ends[1]) + 1;
      exchange
          .getResponseHeaders()
          .set("Content-Range", "bytes %d-%d/%d".formatted(from, to - 1, body.length));
      exchange.sendResponseHeaders(206, to - from);
      exchange.getResponseBody().write(Arrays.copyOfRange(body, from, to));
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
