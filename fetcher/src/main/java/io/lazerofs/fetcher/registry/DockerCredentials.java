package io.lazerofs.fetcher.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The logins of a {@code config.json}: of {@code docker login}, with the credential helpers and the
 * store that it names, or of a mounted Kubernetes secret, {@code .dockerconfigjson}.
 *
 * <pre>{@code
 * {"auths":       {"registry.example.com": {"auth": "dXNlcjpwYXNz"},
 *                  "*.example.com/team":   {"username": "user", "password": "pass"},
 *                  "ghcr.io":              {"identitytoken": "…"}},
 *  "credHelpers": {"123.dkr.ecr.eu-central-1.amazonaws.com": "ecr-login"},
 *  "credsStore":  "secretservice"}
 * }</pre>
 *
 * <p>What a helper or the store has comes first, then all entries that fit, as {@link
 * RegistryPattern} says. The file is read whenever a login is needed: a {@code docker login} and a
 * secret that is replaced are seen at once. Safe for use by many threads at once.
 */
public final class DockerCredentials implements Credentials {
  private static final Logger LOG = LoggerFactory.getLogger(DockerCredentials.class);
  private static final int MAX_FILE_BYTES = 4 << 20;
  private static final Duration HELPER_LIMIT = Duration.ofSeconds(20);
  private static final String HUB_SERVER = "https://index.docker.io/v1/";

  private final Path file;
  private final boolean expected;
  private final Map<String, String> environment;
  private final Duration helperLimit;

  DockerCredentials(
      Path file, boolean expected, Map<String, String> environment, Duration helperLimit) {
    this.file = file;
    this.expected = expected;
    this.environment = Map.copyOf(environment);
    this.helperLimit = helperLimit;
  }

  /**
   * Returns the logins where Docker keeps them; there may be no file, and then there are no logins.
   *
   * @param environment of the process: {@code DOCKER_CONFIG} names the directory, if it is there;
   *     helpers are looked for in its {@code PATH}, and get it
   * @param home the user's directory, whose {@code .docker} is used otherwise
   */
  public static DockerCredentials of(Map<String, String> environment, Path home) {
    String directory = environment.getOrDefault("DOCKER_CONFIG", "");
    Path docker = directory.isEmpty() ? home.resolve(".docker") : Path.of(directory);
    return new DockerCredentials(docker.resolve("config.json"), false, environment, HELPER_LIMIT);
  }

  /**
   * Returns the logins of a file that was asked for. While it is not there, there are no logins,
   * and the log tells so.
   *
   * @param environment for helpers, as above
   */
  public static DockerCredentials at(Path file, Map<String, String> environment) {
    return new DockerCredentials(file, true, environment, HELPER_LIMIT);
  }

  /**
   * {@inheritDoc}
   *
   * @throws RegistryException.LoginUnavailable when the file, a fitting entry or a helper cannot be
   *     read, and there is no other login
   */
  @Override
  public List<Credential> candidates(String host, String repository) throws IOException {
    JsonNode config = read(host);
    return new CredentialsChain(
            List.of(
                (registry, name) -> helped(config, registry),
                (registry, name) -> written(config, registry, name)))
        .candidates(host, repository);
  }

  private JsonNode read(String host) throws IOException {
    byte[] bytes;
    try (InputStream stream = Files.newInputStream(file)) {
      bytes = stream.readNBytes(MAX_FILE_BYTES);
    } catch (NoSuchFileException e) {
      if (expected) {
        LOG.warn("There are no logins, since there is no file {}", file);
      }
      return MissingNode.getInstance();
    } catch (IOException e) {
      throw unavailable(host, "cannot be read (" + e.getClass().getSimpleName() + ")");
    }
    try {
      return Json.parseObject(bytes, "login");
    } catch (RegistryException.Malformed e) {
      // Its message has no content of the file, but the offset is of no use to anybody either.
      throw unavailable(host, "is no JSON object");
    }
  }

  private List<Credential> helped(JsonNode config, String host) throws IOException {
    for (Map.Entry<String, JsonNode> entry : config.path("credHelpers").properties()) {
      if (RegistryPattern.of(entry.getKey()).isExactly(host)) {
        return ask(entry.getValue(), entry.getKey());
      }
    }
    JsonNode store = config.path("credsStore");
    return store.asText("").isEmpty()
        ? List.of()
        : ask(store, RegistryPattern.isHub(host) ? HUB_SERVER : host);
  }

  private List<Credential> ask(JsonNode helper, String server) throws IOException {
    return new CredentialHelper(helper.asText(""), environment, helperLimit)
        .get(server).stream().toList();
  }

  private List<Credential> written(JsonNode config, String host, String repository)
      throws IOException {
    Map<RegistryPattern, List<JsonNode>> fitting = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : config.path("auths").properties()) {
      RegistryPattern pattern = RegistryPattern.of(entry.getKey());
      if (pattern.matches(host, repository)) {
        fitting.computeIfAbsent(pattern, _ -> new ArrayList<>()).add(entry.getValue());
      }
    }
    List<Credential> credentials = new ArrayList<>();
    for (RegistryPattern pattern :
        fitting.keySet().stream().sorted(RegistryPattern.SPECIFIC_FIRST).toList()) {
      for (JsonNode login : fitting.getOrDefault(pattern, List.of())) {
        credential(login, host).ifPresent(credentials::add);
      }
    }
    return credentials;
  }

  /** Returns the login of an entry; an empty one says that the store has it. */
  private Optional<Credential> credential(JsonNode login, String host) throws IOException {
    String identity = login.path("identitytoken").asText("");
    if (!identity.isEmpty()) {
      return Optional.of(new Credential(Credential.IDENTITY_TOKEN, identity));
    }
    String username = login.path("username").asText("");
    String password = login.path("password").asText("");
    String both = login.path("auth").asText("");
    if (!both.isEmpty()) {
      String decoded = decode(both, host);
      int colon = decoded.indexOf(':');
      if (colon <= 0) {
        throw unavailable(host, "has an entry whose \"auth\" is no user and password");
      }
      username = decoded.substring(0, colon);
      // Docker's Windows client pads it with zeros.
      password = decoded.substring(colon + 1).replaceAll("\0+$", "");
    }
    return username.isEmpty() ? Optional.empty() : Optional.of(new Credential(username, password));
  }

  private String decode(String text, String host) throws IOException {
    try {
      return new String(Base64.getDecoder().decode(text), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw unavailable(host, "has an entry whose \"auth\" is not Base64");
    }
  }

  private RegistryException.LoginUnavailable unavailable(String host, String problem) {
    return new RegistryException.LoginUnavailable(host, "the file " + file + " " + problem);
  }
}
