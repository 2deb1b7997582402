package io.lazerofs.fetcher.hosts;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import okhttp3.HttpUrl;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A directory of registries' hosts, as containerd's {@code certs.d}; it may be missing. Files are
 * read again when they have changed. Safe for use by many threads at once.
 */
public final class HostsDirectory {
  private static final Logger LOG = LoggerFactory.getLogger(HostsDirectory.class);
  private static final String DEFAULT = "_default";
  private static final int MAX_FILE_BYTES = 1 << 20;

  /** Stands for the registry whose file is checked, which its directory's name does not tell. */
  private static final HttpUrl ANY_SERVER = HttpUrl.get("https://registry.invalid");

  private final Path root;
  private final Map<String, Known> known = new ConcurrentHashMap<>();

  public HostsDirectory(Path root) {
    this.root = root;
  }

  /** What was read for a registry, from what state of the files, and what was wrong with them. */
  private record Known(Version version, List<HostEntry> hosts, Optional<String> problem) {}

  /**
   * The state of a registry's files, by which a change is noticed.
   *
   * @param place the directory, which changes when files come and go
   * @param file that of {@code hosts.toml}, or empty when there is none
   */
  private record Version(Path directory, FileTime place, Optional<FileTime> file, long size) {}

  /**
   * Returns the hosts of a registry in the order in which they are to be asked, at least one. A
   * file that cannot be used is logged when it is first seen, and is in {@link #problems}; the
   * hosts are then those of its last good version, else the registry alone.
   *
   * @param registry as image names give it, {@code docker.io} for Docker's
   * @param server the registry's own address
   */
  public List<HostEntry> hosts(String registry, HttpUrl server) {
    Optional<Version> version = version(registry);
    if (version.isEmpty()) {
      known.remove(registry);
      return List.of(HostEntry.of(server));
    }
    Known before = known.get(registry);
    if (before != null && before.version().equals(version.get())) {
      return before.hosts();
    }
    Known now = read(version.get(), server, Optional.ofNullable(before));
    known.put(registry, now);
    return now.hosts();
  }

  /** Reads all files there are, and returns what is wrong with them, a line each; logs nothing. */
  public List<String> check() throws IOException {
    if (!Files.exists(root)) {
      return List.of();
    }
    List<Path> files;
    try (Stream<Path> directories = Files.list(root)) {
      files =
          directories
              .map(directory -> directory.resolve(HostsFile.NAME))
              .filter(Files::exists)
              .sorted()
              .toList();
    }
    List<String> problems = new ArrayList<>();
    for (Path file : files) {
      try {
        if (Files.size(file) > MAX_FILE_BYTES) {
          throw new HostsException(file, "larger than " + MAX_FILE_BYTES + " bytes");
        }
        var _ = HostsFile.parse(file.resolveSibling(""), Files.readString(file), ANY_SERVER);
      } catch (HostsException e) {
        problems.add(String.valueOf(e.getMessage()));
      } catch (IOException e) {
        problems.add(file + ": cannot be read: " + e);
      }
    }
    return problems;
  }

  /** Returns what is wrong with files, by the registry that was asked for. */
  public Map<String, String> problems() {
    Map<String, String> problems = new TreeMap<>();
    known.forEach((registry, now) -> now.problem().ifPresent(text -> problems.put(registry, text)));
    return problems;
  }

  private Known read(Version version, HttpUrl server, Optional<Known> before) {
    try {
      List<HostEntry> hosts =
          version.file().isPresent()
              ? HostsFile.parse(version.directory(), text(version), server)
              : certificates(version.directory(), server);
      LOG.info("{}: hosts {}", version.directory(), hosts);
      return new Known(version, hosts, Optional.empty());
    } catch (IOException e) {
      String problem = String.valueOf(e.getMessage());
      List<HostEntry> hosts = before.map(Known::hosts).orElse(List.of(HostEntry.of(server)));
      LOG.error("{}; going on with {}", problem, hosts);
      return new Known(version, hosts, Optional.of(problem));
    }
  }

  private static Path file(Version version) {
    return version.directory().resolve(HostsFile.NAME);
  }

  private static String text(Version version) throws IOException {
    if (version.size() > MAX_FILE_BYTES) {
      throw new HostsException(file(version), "larger than " + MAX_FILE_BYTES + " bytes");
    }
    return Files.readString(file(version));
  }

  private Optional<Version> version(String registry) {
    for (String name : names(registry)) {
      Path directory = root.resolve(name);
      try {
        FileTime place = Files.getLastModifiedTime(directory);
        Path file = directory.resolve(HostsFile.NAME);
        // An empty file is as good as none, as it is to containerd.
        boolean present = Files.exists(file) && Files.size(file) > 0;
        return Optional.of(
            new Version(
                directory,
                place,
                present ? Optional.of(Files.getLastModifiedTime(file)) : Optional.empty(),
                present ? Files.size(file) : 0));
      } catch (NoSuchFileException e) {
        continue;
      } catch (IOException e) {
        LOG.error("{}: cannot be read: {}", directory, e.toString());
      }
    }
    return Optional.empty();
  }

  /** Returns the names of directories that may be a registry's, the first that is there is. */
  private static List<String> names(String registry) {
    int colon = registry.lastIndexOf(':');
    return colon > 0
        ? List.of(
            registry.substring(0, colon) + "_" + registry.substring(colon + 1) + "_",
            registry,
            DEFAULT)
        : List.of(registry, DEFAULT);
  }

  /**
   * Returns the registry alone, with the certificates beside which there is no {@code hosts.toml},
   * named as Docker names them: {@code *.crt} to trust, {@code *.cert} and {@code *.key} to show.
   */
  private static List<HostEntry> certificates(Path directory, HttpUrl server) throws IOException {
    List<Path> ca = new ArrayList<>();
    List<TlsFiles.Pair> client = new ArrayList<>();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        String name = file.getFileName().toString();
        if (name.endsWith(".crt")) {
          ca.add(file);
        } else if (name.endsWith(".cert")) {
          Path key =
              file.resolveSibling(name.substring(0, name.length() - ".cert".length()) + ".key");
          client.add(new TlsFiles.Pair(file, Files.exists(key) ? key : file));
        }
      }
    }
    HostEntry plain = HostEntry.of(server);
    return List.of(
        new HostEntry(
            server,
            plain.capabilities(),
            new TlsFiles(ca, client, false),
            plain.headers(),
            plain.dialTimeout()));
  }
}
