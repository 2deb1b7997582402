package io.lazerofs.snapshotter.daemon;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lazerofs.fetcher.hosts.HostsDirectory;
import io.lazerofs.files.FileSystemType;
import io.lazerofs.snapshotter.metrics.MetricsAddress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What is wrong with a configuration on this machine, found without changing anything: a file that
 * cannot be read as one, and values that a daemon could not work with.
 */
public final class ConfigurationCheck {
  /** sun_path of unix(7) has 108 bytes, of which the last is zero. */
  private static final int LONGEST_SOCKET_PATH = 107;

  private final List<String> problems = new ArrayList<>();

  private ConfigurationCheck() {}

  /**
   * Returns the problems of a configuration file, a line each; none when a daemon can start with
   * it.
   *
   * @throws IOException when the file cannot be read
   */
  public static List<String> of(Path file) throws IOException {
    List<String> unreadable = ConfigurationFile.problems(file);
    if (!unreadable.isEmpty()) {
      return unreadable;
    }
    Configuration configuration;
    try {
      configuration = Configuration.read(file);
    } catch (ConfigurationException e) {
      return List.of(String.valueOf(e.getMessage()));
    }
    ConfigurationCheck check = new ConfigurationCheck();
    check.check(configuration);
    return check.problems.stream().map(problem -> file + ": " + problem).toList();
  }

  private void check(Configuration configuration) throws IOException {
    directory("root", configuration.root());
    configuration.cache().directory().ifPresent(path -> directory("cache.directory", path));
    socket("address", configuration.address());
    configuration.cri().imageService().ifPresent(path -> socket("cri.image_service", path));
    if (configuration.metrics().isPresent()
        && configuration.metrics().get() instanceof MetricsAddress.Unix(Path path)) {
      socket("metrics.address", path);
      if (!Files.isDirectory(directoryOf(path))) {
        problems.add("\"metrics.address\": there is no directory " + directoryOf(path));
      }
    }
    new HostsDirectory(configuration.registry().configPath())
        .check()
        .forEach(problem -> problems.add("\"registry.config_path\": " + problem));
    configuration.registry().dockerConfig().ifPresent(this::logins);
  }

  /** Checks a directory that is written to, and made when it is missing. */
  private void directory(String key, Path directory) {
    Path existing = directory;
    while (!Files.exists(existing) && existing.getParent() != null) {
      existing = existing.getParent();
    }
    if (!Files.isDirectory(existing)) {
      problems.add("\"%s\": %s is no directory".formatted(key, existing));
    } else if (!Files.isWritable(existing)) {
      problems.add("\"%s\": %s cannot be written to".formatted(key, existing));
    } else if (FileSystemType.of(existing).equals(FileSystemType.LAZEROFS)) {
      problems.add("\"%s\": %s lies on a mount of lazerofs".formatted(key, directory));
    }
  }

  private void socket(String key, Path socket) {
    int length = socket.toString().getBytes(StandardCharsets.UTF_8).length;
    if (length > LONGEST_SOCKET_PATH) {
      problems.add(
          "\"%s\": the path of a socket has at most %d bytes, this one has %d"
              .formatted(key, LONGEST_SOCKET_PATH, length));
    }
    if (Files.isDirectory(socket) || Files.isRegularFile(socket)) {
      problems.add("\"%s\": %s is there and is no socket".formatted(key, socket));
    }
    directory(key, directoryOf(socket));
  }

  private static Path directoryOf(Path socket) {
    Path parent = socket.getParent();
    return parent == null ? socket : parent;
  }

  /** Checks a file with logins; nothing of what is in it is shown. */
  private void logins(Path file) {
    try {
      if (!new ObjectMapper().readTree(Files.readString(file)).isObject()) {
        problems.add("\"registry.docker_config\": %s is no JSON object".formatted(file));
      }
    } catch (JsonProcessingException e) {
      problems.add("\"registry.docker_config\": %s is no JSON".formatted(file));
    } catch (IOException e) {
      problems.add("\"registry.docker_config\": cannot be read: " + e);
    }
  }
}
