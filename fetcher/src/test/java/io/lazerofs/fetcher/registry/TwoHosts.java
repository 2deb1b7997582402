package io.lazerofs.fetcher.registry;

import io.lazerofs.fetcher.cache.WrongBytesException;
import io.lazerofs.fetcher.hosts.HostsDirectory;
import io.lazerofs.fetcher.http.HttpSettings;
import io.lazerofs.fetcher.http.HttpTransport;
import io.lazerofs.fetcher.http.ManualClock;
import io.lazerofs.fetcher.http.Script;
import io.lazerofs.fetcher.lazy.RangeReader;
import io.lazerofs.source.Digest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okhttp3.OkHttpClient;

/**
 * A registry and a mirror of it, both mock servers, and a client of them on a clock of the test.
 */
final class TwoHosts implements AutoCloseable {
  static final byte[] CONTENT = Samples.bytes(300_000);
  static final Descriptor BLOB = Samples.blob(CONTENT);

  final ManualClock clock = new ManualClock();
  final MockWebServer mirror = new MockWebServer();
  final MockWebServer origin = new MockWebServer();
  final HttpTransport transport;
  final Registries registries;
  private final Path directory;

  /**
   * @param directory for {@code hosts.toml}
   */
  TwoHosts(Path directory) throws IOException {
    this.directory = directory;
    HttpSettings settings =
        new HttpSettings(
            Set.of(), Duration.ofSeconds(5), Duration.ofMillis(500), Duration.ofSeconds(60));
    transport = new HttpTransport(new OkHttpClient(), settings, clock, new Random(1), clock);
    registries =
        new Registries(
            transport, Credentials.none(), clock, Optional.of(new HostsDirectory(directory)));
    origin.start();
    mirror(TwoHosts::whole);
    origin(TwoHosts::whole);
  }

  /** Starts the mirror and has it named before the registry. */
  TwoHosts mirrored() throws IOException {
    mirror.start();
    return hosts("[host.\"" + mirrorUrl() + "\"]\n");
  }

  String mirrorUrl() {
    return mirror.url("/").toString();
  }

  /** Writes the registry's file about hosts. */
  TwoHosts hosts(String text) throws IOException {
    Path own = Files.createDirectories(directory.resolve("localhost_" + origin.getPort() + "_"));
    Files.writeString(own.resolve("hosts.toml"), text);
    return this;
  }

  void mirror(Function<RecordedRequest, MockResponse> script) {
    mirror.setDispatcher(new Script(script));
  }

  void origin(Function<RecordedRequest, MockResponse> script) {
    origin.setDispatcher(new Script(script));
  }

  static MockResponse whole(RecordedRequest request) {
    return Script.range(request, CONTENT);
  }

  static MockResponse busy(Object retryAfter) {
    return new MockResponse.Builder().code(429).addHeader("Retry-After", retryAfter).build();
  }

  String originName() {
    return "localhost:" + origin.getPort();
  }

  String mirrorName() {
    return "localhost:" + mirror.getPort();
  }

  RegistryRepository repository(String name) throws RegistryException {
    return (RegistryRepository) registries.open(originName() + "/" + name).store();
  }

  byte[] read(long offset, int length) throws IOException {
    return read(repository("app").reader(BLOB), offset, length);
  }

  static byte[] read(RangeReader reader, long offset, int length) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    reader.read(
        offset,
        length,
        piece -> {
          byte[] bytes = new byte[piece.remaining()];
          piece.get(bytes);
          out.writeBytes(bytes);
        });
    return out.toByteArray();
  }

  /** Reads as a cache does that verifies blocks of 4096 bytes: goes back to the first wrong one. */
  byte[] readVerified(long offset, int length) throws IOException {
    byte[] bytes = new byte[length];
    int[] taken = {0};
    repository("app")
        .reader(BLOB)
        .read(
            offset,
            length,
            piece -> {
              int from = taken[0] & -4096;
              int count = piece.remaining();
              piece.get(bytes, taken[0], count);
              taken[0] += count;
              for (int at = from;
                  at + 4096 <= taken[0] || taken[0] == length && at < length;
                  at += 4096) {
                int end = Math.min(length, at + 4096);
                byte[] got = Arrays.copyOfRange(bytes, at, end);
                byte[] right = expected((int) offset + at, end - at);
                if (!Arrays.equals(got, right)) {
                  taken[0] = at;
                  throw new WrongBytesException(
                      BLOB.digest(), offset + at, Digest.of(right), Digest.of(got));
                }
              }
            });
    return bytes;
  }

  static byte[] expected(int offset, int length) {
    return Arrays.copyOfRange(CONTENT, offset, offset + length);
  }

  /** Takes the requests that a server has had so far. */
  static List<RecordedRequest> requests(MockWebServer server) throws InterruptedException {
    List<RecordedRequest> requests = new ArrayList<>();
    for (int left = server.getRequestCount(); left > 0; left--) {
      requests.add(server.takeRequest());
    }
    return requests;
  }

  Duration slept() {
    return clock.sleeps().stream().reduce(Duration.ZERO, Duration::plus);
  }

  @Override
  public void close() {
    transport.close();
    mirror.close();
    origin.close();
  }
}
