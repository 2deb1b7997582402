package io.lazerofs.fetcher.registry;

import io.lazerofs.fetcher.http.HttpSettings;
import io.lazerofs.fetcher.http.HttpTransport;
import io.lazerofs.fetcher.http.ManualClock;
import io.lazerofs.fetcher.http.Script;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okhttp3.OkHttpClient;

/** A mock server that plays a registry, and a client of it on a clock of the test. */
final class MockRegistry implements AutoCloseable {
  final ManualClock clock = new ManualClock();
  final MockWebServer server = new MockWebServer();
  final HttpTransport transport;

  /** The logins that the client has; it asks anew each time. */
  volatile Credentials credentials = Credentials.none();

  private final Registries registries;

  MockRegistry() throws IOException {
    HttpSettings settings =
        new HttpSettings(
            Set.of(), Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofSeconds(60));
    transport = new HttpTransport(new OkHttpClient(), settings, clock, new Random(1), clock);
    registries =
        new Registries(transport, (host, name) -> credentials.candidates(host, name), clock);
    server.start();
  }

  /** Has the client use these logins. */
  void login(Credential... logins) {
    credentials = (host, name) -> List.of(logins);
  }

  void answer(Function<RecordedRequest, MockResponse> script) {
    server.setDispatcher(new Script(script));
  }

  String host() {
    return server.getHostName() + ":" + server.getPort();
  }

  ImageStore repository(String name) throws RegistryException {
    return registries.open(host() + "/" + name).store();
  }

  RecordedRequest next() throws InterruptedException {
    return server.takeRequest();
  }

  static byte[] body(RecordedRequest request) {
    return Objects.requireNonNull(request.getBody()).toByteArray();
  }

  @Override
  public void close() {
    transport.close();
    server.close();
  }
}
