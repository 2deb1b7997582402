package io.lazerofs.it.stage;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A token service for docker-registry on a free loopback port (Docker's token authentication
 * specification): for a user's name and password it gives signed tokens (JWT, ES256, with their
 * certificate), which the registry checks by itself. Safe for use by many threads at once.
 */
public final class TokenServer implements AutoCloseable {
  static final String SERVICE = "registry of the test";
  static final String ISSUER = "token server of the test";

  /** docker-registry takes a token for so long after its end, in case that clocks differ. */
  private static final Duration LEEWAY = Duration.ofSeconds(60);

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String STORE_PASSWORD = "of the key store";

  private final HttpServer server;
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private final Path certificate;
  private final PrivateKey key;
  private final String chain;
  private final Duration life;
  private final List<String> tokens = new CopyOnWriteArrayList<>();
  private final AtomicInteger refusals = new AtomicInteger();
  private final AtomicInteger failures = new AtomicInteger();
  private volatile Registry.Login login;
  private volatile boolean down;
  private volatile Instant over = Instant.EPOCH;

  private TokenServer(Path dir, Registry.Login login, Duration life)
      throws IOException, GeneralSecurityException {
    var store = KeyStore.getInstance(dir.resolve("keys").toFile(), STORE_PASSWORD.toCharArray());
    var signer = store.getCertificate("signer").getEncoded();
    this.key = (PrivateKey) store.getKey("signer", STORE_PASSWORD.toCharArray());
    this.chain = Base64.getEncoder().encodeToString(signer);
    this.certificate =
        Files.writeString(
            dir.resolve("signer.pem"),
            "-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n".formatted(chain));
    this.login = login;
    this.life = life;
    this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/token", this::answer);
    server.setExecutor(executor);
    server.start();
  }

  /**
   * Starts a token service; the stage closes it.
   *
   * @param login the only one that gets tokens
   * @param life how long a token is good for, in whole seconds
   */
  public static TokenServer start(Stage stage, Registry.Login login, Duration life)
      throws IOException, InterruptedException, GeneralSecurityException {
    var dir = Files.createTempDirectory(stage.dir(), "tokens");
    stage
        .run(
            Path.of(System.getProperty("java.home"), "bin/keytool").toString(),
            "-genkeypair",
            "-keystore",
            dir.resolve("keys").toString(),
            "-storepass",
            STORE_PASSWORD,
            "-storetype",
            "PKCS12",
            "-alias",
            "signer",
            "-keyalg",
            "EC",
            "-groupname",
            "secp256r1",
            "-dname",
            "CN=token signer of the test")
        .ok();
    return stage.keep(new TokenServer(dir, login, life));
  }

  /** docker-registry's settings to use this service. */
  String registrySettings() {
    return "auth: { token: { realm: \"http://127.0.0.1:%d/token\", service: %s, issuer: %s, rootcertbundle: %s } }\n"
        .formatted(server.getAddress().getPort(), SERVICE, ISSUER, certificate);
  }

  /** The only login that gets tokens now. */
  public Registry.Login login() {
    return login;
  }

  /** Changes the only login that gets tokens from now on. */
  public void change(Registry.Login other) {
    login = other;
  }

  /** Makes every request fail from now on, or no longer. */
  public void setDown(boolean now) {
    down = now;
  }

  /** All the tokens that were given. */
  public List<String> tokens() {
    return List.copyOf(tokens);
  }

  /** How many logins were refused. */
  public int refusals() {
    return refusals.get();
  }

  /** How many requests failed since it was down. */
  public int failures() {
    return failures.get();
  }

  /** Returns whether the registry takes no token any more that was given so far. */
  public boolean allOver() {
    return Instant.now().isAfter(over);
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      if (down) {
        failures.incrementAndGet();
        exchange.sendResponseHeaders(503, -1);
        return;
      }
      var both = login.user() + ":" + login.password();
      var expected = "Basic " + Base64.getEncoder().encodeToString(both.getBytes(UTF_8));
      if (!expected.equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
        refusals.incrementAndGet();
        exchange.sendResponseHeaders(401, -1);
        return;
      }
      var token = sign(claims(exchange.getRequestURI().getRawQuery()));
      tokens.add(token);
      var body = JSON.writeValueAsBytes(Map.of("token", token, "expires_in", life.toSeconds()));
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
    }
  }

  private Map<String, Object> claims(String query) {
    var access = new ArrayList<Map<String, Object>>();
    for (var parameter : query.split("&")) {
      if (parameter.startsWith("scope=")) {
        var scope = URLDecoder.decode(parameter.substring("scope=".length()), UTF_8).split(":");
        var actions = Arrays.asList(scope[2].split(","));
        access.add(Map.of("type", scope[0], "name", scope[1], "actions", actions));
      }
    }
    var now = Instant.now();
    var end = now.plus(life);
    over = end.plusSeconds(1);
    return Map.of(
        "iss", ISSUER,
        "aud", SERVICE,
        "sub", login.user(),
        "jti", UUID.randomUUID().toString(),
        "iat", now.getEpochSecond(),
        "nbf", now.getEpochSecond(),
        "exp", end.minus(LEEWAY).getEpochSecond(),
        "access", access);
  }

  private String sign(Map<String, Object> claims) throws IOException, GeneralSecurityException {
    var header = Map.of("typ", "JWT", "alg", "ES256", "x5c", List.of(chain));
    var text =
        encode(JSON.writeValueAsBytes(header)) + "." + encode(JSON.writeValueAsBytes(claims));
    var signature = Signature.getInstance("SHA256withECDSAinP1363Format");
    signature.initSign(key);
    signature.update(text.getBytes(UTF_8));
    return text + "." + encode(signature.sign());
  }

  private static String encode(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  @Override
  public void close() {
    server.stop(0);
    executor.close();
  }
}
