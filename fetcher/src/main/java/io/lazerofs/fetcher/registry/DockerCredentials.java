package io.lazerofs.fetcher.registry;

import com.google.cloud.tools.jib.api.LogEvent;
import com.google.cloud.tools.jib.registry.credentials.DockerConfigCredentialRetriever;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The logins of {@code docker login}: the file {@code config.json} with the credential helpers and
 * stores that it names (Docker's documentation of {@code docker login}).
 */
public final class DockerCredentials implements Credentials {
  private static final Logger LOG = LoggerFactory.getLogger(DockerCredentials.class);
  private final Path configFile;

  /**
   * @param configFile the file {@code config.json}; it may be missing, then there are no logins
   */
  public DockerCredentials(Path configFile) {
    this.configFile = configFile;
  }

  /**
   * Returns the logins where Docker keeps them.
   *
   * @param environment of the process: {@code DOCKER_CONFIG} names the directory, if it is there
   * @param home the user's directory, whose {@code .docker} is used otherwise
   */
  public static DockerCredentials of(Map<String, String> environment, Path home) {
    String directory = environment.getOrDefault("DOCKER_CONFIG", "");
    Path docker = directory.isEmpty() ? home.resolve(".docker") : Path.of(directory);
    return new DockerCredentials(docker.resolve("config.json"));
  }

  @Override
  public Optional<Credential> forHost(String host) throws IOException {
    if (!Files.exists(configFile)) {
      return Optional.empty();
    }
    try {
      return DockerConfigCredentialRetriever.create(host, configFile)
          .retrieve(event -> log(event, host))
          .map(login -> new Credential(login.getUsername(), login.getPassword()));
    } catch (IOException | RuntimeException e) {
      // The parser's message and the helper's output may quote secrets: neither goes any further.
      throw new IOException(
          "the login for %s in %s cannot be read (%s); run: docker login %s"
              .formatted(host, configFile, e.getClass().getSimpleName(), host));
    }
  }

  private void log(LogEvent event, String host) {
    if (event.getLevel() == LogEvent.Level.WARN) {
      LOG.warn("A credential helper named in {} gave no login for {}", configFile, host);
    }
  }
}
