package io.lazerofs.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lazerofs.it.stage.Containerd;
import io.lazerofs.it.stage.Daemon;
import io.lazerofs.it.stage.Finished;
import io.lazerofs.it.stage.OciImages;
import io.lazerofs.it.stage.Registry;
import io.lazerofs.it.stage.Stage;
import io.lazerofs.it.stage.TarLayer;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What who operates a snapshotter sees of it, and does to it. */
final class OperationsIT {
  @RegisterExtension static final Stage stage = new Stage();

  private static final ObjectMapper JSON = new ObjectMapper();

  /** In the first block of each image, which is present once it was opened: its superblock. */
  private static final int IN_SUPERBLOCK = 1024 + 64;

  private static Registry registry;

  @BeforeAll
  static void push() throws IOException, InterruptedException {
    registry = Registry.start(stage);
    var image =
        OciImages.layout(
            stage.dir().resolve("image"), OciImages.busybox(), new TarLayer().file("f", "x").tar());
    registry.push(image, "operated:plain");
    stage.convert(reference("plain"), reference("erofs"), "oci").ok();
  }

  @Test
  void figuresAndHealthAreToldOnTheSocketAndOverHttp() throws IOException, InterruptedException {
    Path metrics = stage.dir().resolve("metrics.sock");
    try (var daemon =
            Daemon.start(
                stage,
                "[metrics]\naddress = \"unix:%s\"\n[log]\nformat = \"json\"\n".formatted(metrics));
        var containerd = Containerd.start(stage, daemon.socket())) {
      stage.lazerofs("status", "--address", daemon.socket().toString(), "--ready").ok();
      containerd.pullLazily(reference("plain")).ok();
      containerd.pullLazily(reference("erofs")).ok();
      assertThat(read(containerd)).isEqualTo("x");

      JsonNode status = JSON.readTree(daemon.statusJson());
      assertThat(status.required("present_bytes").longValue()).isPositive();
      assertThat(status.required("total_bytes").longValue())
          .isGreaterThanOrEqualTo(status.required("present_bytes").longValue());
      assertThat(status.required("errors").longValue()).isZero();
      assertThat(status.required("readers").isInt()).isTrue();
      assertThat(status.required("uptime_seconds").longValue()).isNotNegative();
      assertThat(status.required("prefetch_failures").longValue()).isZero();

      String page = ask(metrics, "/metrics");
      assertThat(value(page, "lazerofs_read_seconds_count{result=\"hit\"}")).isPositive();
      assertThat(value(page, "lazerofs_read_bytes_total{result=\"hit\"}")).isPositive();
      assertThat(value(page, "lazerofs_fetched_bytes_total{host=\"" + registry.address() + "\"}"))
          .isPositive();
      assertThat(value(page, "lazerofs_open_layers")).isEqualTo(2);
      assertThat(value(page, "lazerofs_fallbacks_total{reason=\"not-erofs\"}")).isPositive();
      assertThat(ask(metrics, "/healthz")).startsWith("HTTP/1.1 200");
      assertThat(ask(metrics, "/readyz")).startsWith("HTTP/1.1 200");

      linesAreJsonAndSayWhatTheyAreAbout(daemon.service().log());
    }
    assertThat(metrics).doesNotExist();
  }

  private static void linesAreJsonAndSayWhatTheyAreAbout(String log) throws IOException {
    boolean found = false;
    for (String line : log.lines().toList()) {
      JsonNode json = JSON.readTree(line);
      assertThat(json.required("level").textValue()).isIn("info", "warn", "error");
      if (json.required("message").textValue().contains("is not served lazily (not-erofs)")) {
        assertThat(json.required("layer").textValue()).startsWith("sha256:");
        assertThat(json.required("image").textValue()).isEqualTo(reference("plain"));
        assertThat(json.required("snapshot").textValue()).isNotEmpty();
        found = true;
      }
    }
    assertThat(found).as("a line about a layer in %s", log).isTrue();
  }

  @Test
  void aWatchedStatusIsALineOfJsonEachSecond() throws IOException, InterruptedException {
    try (var daemon = Daemon.start(stage);
        var watch =
            stage.startLazerofs(
                "watch",
                "status",
                "--config",
                daemon.configuration().toString(),
                "--watch",
                "--json")) {
      watch.awaitLog(Pattern.compile("\\{\"pid\":[^\\n]*}\\n\\{\"pid\":[^\\n]*}\\n"));
    }
  }

  @Test
  void aFlippedByteInTheCacheIsFoundDroppedAndFetchedAgain()
      throws IOException, InterruptedException {
    try (var daemon = Daemon.start(stage);
        var containerd = Containerd.start(stage, daemon.socket())) {
      containerd.pullLazily(reference("erofs")).ok();
      assertThat(read(containerd)).isEqualTo("x");
      List<JsonNode> blobs = list(daemon);
      assertThat(blobs).hasSize(2);
      assertThat(blobs)
          .allSatisfy(blob -> {
            assertThat(blob.required("verified").booleanValue()).isTrue();
            assertThat(blob.required("open").booleanValue()).isTrue();
            assertThat(blob.required("present_bytes").longValue()).isPositive();
            assertThat(blob.required("images"))
                .extracting(JsonNode::textValue)
                .containsExactly(reference("erofs"));
          });
      cache(daemon, "verify").ok();

      String digest = blobs.getLast().required("digest").textValue();
      flip(daemon, digest);

      Finished verified = cache(daemon, "verify");
      assertThat(verified.status()).isEqualTo(1);
      assertThat(verified.out()).contains(digest + ": wrong bytes at 0 to 4096, dropped");
      cache(daemon, "verify").ok();
      assertThat(cache(daemon, "prune").ok().out()).startsWith("freed 0 B");
      assertThat(read(containerd)).isEqualTo("x");
      containerd.remove(reference("erofs"));
    }
  }

  @Test
  void theCacheOfADaemonThatDoesNotRunIsWorkedOnUnderItsLock()
      throws IOException, InterruptedException {
    var daemon = Daemon.start(stage);
    try (var containerd = Containerd.start(stage, daemon.socket())) {
      containerd.pullLazily(reference("erofs")).ok();
      List<JsonNode> served = list(daemon);
      daemon.close();

      List<JsonNode> blobs = list(daemon);
      assertThat(blobs)
          .extracting(blob -> blob.required("digest").textValue())
          .containsExactlyInAnyOrderElementsOf(
              served.stream().map(blob -> blob.required("digest").textValue()).toList());
      String digest = blobs.getFirst().required("digest").textValue();
      flip(daemon, digest);
      Finished verified = cache(daemon, "verify");
      assertThat(verified.status()).isEqualTo(1);
      assertThat(verified.out()).contains(digest + ": wrong bytes at 0 to 4096, dropped");
      cache(daemon, "verify").ok();

      cache(daemon, "prune").ok();
      assertThat(list(daemon)).as("blobs that layers on record use").hasSize(2);
      cache(daemon, "prune", "--all").ok();
      assertThat(list(daemon)).isEmpty();
    }
  }

  private static Finished cache(Daemon daemon, String... words)
      throws IOException, InterruptedException {
    return stage.lazerofs(
        Stream.of(
                Stream.of("cache"),
                Stream.of(words),
                Stream.of("--config", daemon.configuration().toString()))
            .flatMap(part -> part)
            .toArray(String[]::new));
  }

  private static List<JsonNode> list(Daemon daemon) throws IOException, InterruptedException {
    JsonNode array = JSON.readTree(cache(daemon, "ls", "--json").ok().out());
    return array.valueStream().toList();
  }

  private static void flip(Daemon daemon, String digest) throws IOException {
    String hex = digest.substring("sha256:".length());
    Path data;
    try (Stream<Path> files = Files.list(daemon.root().resolve("cache/blobs"))) {
      data =
          files
              .filter(file -> file.getFileName().toString().matches(hex + ".*\\.data"))
              .findFirst()
              .orElseThrow();
    }
    try (var file = new RandomAccessFile(data.toFile(), "rw")) {
      file.seek(IN_SUPERBLOCK);
      int old = file.read();
      file.seek(IN_SUPERBLOCK);
      file.write(old ^ 1);
    }
  }

  private static double value(String page, String series) {
    return page.lines()
        .filter(line -> line.startsWith(series + " "))
        .map(line -> Double.parseDouble(line.substring(series.length() + 1)))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + series + " in\n" + page));
  }

  private static String ask(Path socket, String path) throws IOException {
    try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(socket));
      channel.write(
          ByteBuffer.wrap(("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n").getBytes(UTF_8)));
      return new String(Channels.newInputStream(channel).readAllBytes(), UTF_8);
    }
  }

  private static String read(Containerd containerd) throws IOException, InterruptedException {
    return containerd.run("lazerofs", reference("erofs"), "reader", "cat", "/f").ok().out();
  }

  private static String reference(String tag) {
    return registry.address() + "/operated:" + tag;
  }
}
