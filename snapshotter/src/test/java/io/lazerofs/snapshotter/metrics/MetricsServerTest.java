package io.lazerofs.snapshotter.metrics;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lazerofs.dio.DirectIoSettings;
import io.lazerofs.fetcher.http.HttpSettings;
import io.lazerofs.fetcher.http.HttpTransport;
import io.lazerofs.fetcher.registry.Credentials;
import io.lazerofs.fetcher.registry.Registries;
import io.lazerofs.layers.LayerTable;
import io.lazerofs.snapshotter.mount.MountProbe;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 30, unit = TimeUnit.SECONDS)
class MetricsServerTest {
  private static final Path DASHBOARD = Path.of("../docs/grafana-dashboard.json");
  private static final Pattern NAME = Pattern.compile("lazerofs_[a-z_]+");

  @TempDir private Path directory;
  private final HttpTransport transport = HttpTransport.create(HttpSettings.defaults());
  private final Health health = new Health();
  private MetricsServer server;

  @BeforeEach
  void start() throws IOException {
    server = start("unix:" + socket());
  }

  private MetricsServer start(String address) throws IOException {
    InstantSource clock = InstantSource.system();
    Figures figures =
        new Figures(
            "1.2",
            System::nanoTime,
            transport,
            new Registries(transport, Credentials.none(), clock),
            new LayerTable(clock, DirectIoSettings.DEFAULT));
    return MetricsServer.start(MetricsAddress.parse(address), figures, health);
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
    transport.close();
  }

  @Test
  void metricsAreServedOnASocketThatIsItsOwnersAlone() throws IOException {
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket())))
        .isEqualTo("rw-------");
    assertThat(ask("GET /metrics HTTP/1.1"))
        .startsWith("HTTP/1.1 200 OK\r\n")
        .contains("content-type: text/plain; version=0.0.4")
        .contains("lazerofs_build_info{version=\"1.2\"} 1\n")
        .contains("lazerofs_read_seconds_count{result=\"hit\"} 0\n");
  }

  @Test
  void aPortOfTheLoopbackInterfaceServesToo() throws IOException {
    server.close();
    server = start("127.0.0.1:0");
    assertThat(ask(server.boundTo(), "GET /metrics HTTP/1.1")).startsWith("HTTP/1.1 200 OK");
  }

  @Test
  void aDaemonThatStartsIsAliveAndNotReady() throws IOException {
    assertThat(ask("GET /healthz HTTP/1.1")).startsWith("HTTP/1.1 200");
    assertThat(ask("GET /readyz HTTP/1.1")).startsWith("HTTP/1.1 503").contains("STARTING");
  }

  @Test
  void aMountThatIsGoneIsTold() throws IOException {
    try (MountProbe probe = new MountProbe(directory)) {
      health.mounted(probe);
      health.ready();
      assertThat(ask("GET /healthz HTTP/1.1")).startsWith("HTTP/1.1 503").contains("HUNG");
      assertThat(ask("GET /readyz HTTP/1.1")).startsWith("HTTP/1.1 503");
    }
  }

  @Test
  void otherQuestionsAreRefused() throws IOException {
    assertThat(ask("GET /../etc/passwd HTTP/1.1")).startsWith("HTTP/1.1 404");
    assertThat(ask("POST /metrics HTTP/1.1")).startsWith("HTTP/1.1 405");
    assertThat(ask("no http")).startsWith("HTTP/1.1 400");
  }

  @Test
  void everyMetricOfTheDashboardIsServed() throws IOException {
    Set<String> served = names(ask("GET /metrics HTTP/1.1"));
    JsonNode dashboard = new ObjectMapper().readTree(DASHBOARD.toFile());
    Set<String> shown = new TreeSet<>();
    for (JsonNode panel : dashboard.required("panels")) {
      for (JsonNode target : panel.path("targets")) {
        shown.addAll(names(target.required("expr").textValue()));
      }
    }
    assertThat(shown).hasSizeGreaterThan(20);
    assertThat(served).containsAll(shown);
  }

  @Test
  void aSocketGoesWithItsServer() throws IOException {
    server.close();
    assertThat(socket()).doesNotExist();
  }

  private static Set<String> names(String text) {
    return NAME.matcher(text)
        .results()
        .map(MatchResult::group)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private Path socket() {
    return directory.resolve("m");
  }

  private String ask(String request) throws IOException {
    return ask(UnixDomainSocketAddress.of(socket()), request);
  }

  private static String ask(SocketAddress address, String request) throws IOException {
    try (SocketChannel channel =
        address instanceof UnixDomainSocketAddress
            ? SocketChannel.open(StandardProtocolFamily.UNIX)
            : SocketChannel.open()) {
      channel.connect(address);
      channel.write(ByteBuffer.wrap((request + "\r\nHost: x\r\n\r\n").getBytes(UTF_8)));
      return new String(Channels.newInputStream(channel).readAllBytes(), UTF_8);
    }
  }
}
