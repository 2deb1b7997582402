package io.lazerofs.fetcher.hosts;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import okhttp3.HttpUrl;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlPosition;
import org.tomlj.TomlTable;

/**
 * The reader of one {@code hosts.toml}. Like containerd it leaves keys aside that it does not know,
 * and says so.
 */
final class HostsFile {
  private static final Logger LOG = LoggerFactory.getLogger(HostsFile.class);

  /** The name of such a file. */
  static final String NAME = "hosts.toml";

  /** More hosts than that are asked for each blob only by mistake. */
  private static final int MOST_HOSTS = 64;

  private static final String SERVER = "server";
  private static final String HOST = "host";
  private static final Set<String> KEYS =
      Set.of(
          "capabilities", "ca", "client", "skip_verify", "header", "override_path", "dial_timeout");

  private final Path file;
  private final Path directory;

  private HostsFile(Path directory) {
    this.file = directory.resolve(NAME);
    this.directory = directory;
  }

  /**
   * Returns the hosts, in the order in which they are to be asked.
   *
   * @param directory that of the file; paths in it are relative to it
   * @param server what is asked last when the file names no server
   */
  static List<HostEntry> parse(Path directory, String text, HttpUrl server) throws HostsException {
    HostsFile file = new HostsFile(directory);
    TomlParseResult toml = Toml.parse(text);
    if (toml.hasErrors()) {
      // The parser's own message quotes the text, which may be a header's secret value.
      TomlPosition place = toml.errors().getFirst().position();
      throw new HostsException(
          file.file, place.line(), "no TOML from column " + place.column() + " on");
    }
    return file.hosts(toml, server);
  }

  private List<HostEntry> hosts(TomlTable toml, HttpUrl server) throws HostsException {
    List<HostEntry> entries = new ArrayList<>();
    Object hosts = toml.get(List.of(HOST));
    if (hosts instanceof TomlTable table) {
      if (table.size() > MOST_HOSTS) {
        throw wrong(toml, HOST, "%d hosts, more than %d".formatted(table.size(), MOST_HOSTS));
      }
      for (String name : inFileOrder(table)) {
        if (!(table.get(List.of(name)) instanceof TomlTable settings)) {
          throw wrong(table, name, "has to be a table, as [host.\"https://mirror.example\"]");
        }
        warnOfUnknown(settings, Set.of());
        HttpUrl base = base(name, settings, table, name);
        entries.add(entry(base, settings));
      }
    } else if (hosts != null) {
      throw wrong(toml, HOST, "has to be a table, as [host.\"https://mirror.example\"]");
    }
    warnOfUnknown(toml, Set.of(SERVER, HOST));
    Optional<String> named = text(toml, SERVER).filter(name -> !name.isEmpty());
    entries.add(entry(named.isPresent() ? base(named.get(), toml, toml, SERVER) : server, toml));
    return entries;
  }

  private static List<String> inFileOrder(TomlTable table) {
    Comparator<String> place =
        Comparator.<String>comparingInt(key -> position(table, key).line())
            .thenComparingInt(key -> position(table, key).column());
    return table.keySet().stream().sorted(place).toList();
  }

  private static TomlPosition position(TomlTable table, String key) {
    TomlPosition position = table.inputPositionOf(List.of(key));
    return position == null ? TomlPosition.positionAt(1, 1) : position;
  }

  private void warnOfUnknown(TomlTable table, Set<String> others) {
    for (String key : table.keySet()) {
      if (!KEYS.contains(key) && !others.contains(key)) {
        LOG.warn("{}: line {}: '{}' is not supported", file, position(table, key).line(), key);
      }
    }
  }

  private HttpUrl base(String name, TomlTable settings, TomlTable place, String key)
      throws HostsException {
    HttpUrl url = HttpUrl.parse(name.startsWith("http") ? name : "https://" + name);
    if (url == null || url.query() != null || url.fragment() != null) {
      throw wrong(place, key, "'" + withoutUser(name) + "' is no address of a host");
    }
    if (!url.username().isEmpty() || !url.password().isEmpty()) {
      throw wrong(place, key, "logins belong into Docker's config.json, not into an address");
    }
    String path = url.encodedPath().replaceAll("/+$", "");
    if (!path.endsWith("/v2") && !flag(settings, "override_path")) {
      path += "/v2";
    }
    return url.newBuilder().encodedPath(path + "/").build();
  }

  private static String withoutUser(String address) {
    return address.replaceAll("[^/]*@", "").replaceAll("[?#].*", "");
  }

  private HostEntry entry(HttpUrl base, TomlTable settings) throws HostsException {
    return new HostEntry(
        base, capabilities(settings), tls(settings), headers(settings), dialTimeout(settings));
  }

  private Set<Capability> capabilities(TomlTable settings) throws HostsException {
    Set<Capability> capabilities = EnumSet.noneOf(Capability.class);
    for (String word : texts(settings, "capabilities")) {
      capabilities.add(
          switch (word.toLowerCase(Locale.ROOT)) {
            case "pull" -> Capability.PULL;
            case "resolve" -> Capability.RESOLVE;
            case "push" -> Capability.PUSH;
            default ->
                throw wrong(
                    settings,
                    "capabilities",
                    "unknown capability '" + word + "'; there are pull, resolve and push");
          });
    }
    return capabilities.isEmpty() ? Set.of(Capability.values()) : capabilities;
  }

  private TlsFiles tls(TomlTable settings) throws HostsException {
    List<Path> ca = new ArrayList<>();
    for (String path : texts(settings, "ca")) {
      ca.add(directory.resolve(path));
    }
    return new TlsFiles(ca, client(settings), flag(settings, "skip_verify"));
  }

  private List<TlsFiles.Pair> client(TomlTable settings) throws HostsException {
    Object client = settings.get(List.of("client"));
    List<?> elements =
        switch (client) {
          case null -> List.of();
          case TomlArray array -> array.toList();
          default -> List.of(client);
        };
    List<TlsFiles.Pair> pairs = new ArrayList<>();
    for (Object element : elements) {
      pairs.add(
          switch (element) {
            case String both -> pair(both, "");
            case TomlArray two
                when two.size() == 2
                    && two.get(0) instanceof String certificate
                    && two.get(1) instanceof String key ->
                pair(certificate, key);
            default ->
                throw wrong(settings, "client", "has to be a path, or a list of paths or pairs");
          });
    }
    return pairs;
  }

  private TlsFiles.Pair pair(String certificate, String key) {
    return new TlsFiles.Pair(
        directory.resolve(certificate), directory.resolve(key.isEmpty() ? certificate : key));
  }

  private Map<String, List<String>> headers(TomlTable settings) throws HostsException {
    Map<String, List<String>> headers = new TreeMap<>();
    Object header = settings.get(List.of("header"));
    if (header instanceof TomlTable table) {
      for (String name : table.keySet()) {
        if (!name.matches("[!-~&&[^:]]+")) {
          throw wrong(table, name, "is no name of a header");
        }
        List<String> values = texts(table, name);
        for (String value : values) {
          if (!value.chars().allMatch(c -> c == '\t' || (c >= ' ' && c < 0x7f))) {
            throw wrong(table, name, "has a value that no header can have");
          }
        }
        headers.put(name, values);
      }
    } else if (header != null) {
      throw wrong(settings, "header", "has to be a table");
    }
    return headers;
  }

  private Optional<Duration> dialTimeout(TomlTable settings) throws HostsException {
    Optional<String> text = text(settings, "dial_timeout");
    if (text.isEmpty()) {
      return Optional.empty();
    }
    Optional<Duration> timeout = GoDuration.parse(text.get()).filter(Duration::isPositive);
    if (timeout.isEmpty()) {
      throw wrong(settings, "dial_timeout", "has to be a duration, as \"1.5s\" or \"200ms\"");
    }
    return timeout;
  }

  private boolean flag(TomlTable settings, String key) throws HostsException {
    return switch (settings.get(List.of(key))) {
      case null -> false;
      case Boolean value -> value;
      default -> throw wrong(settings, key, "has to be true or false");
    };
  }

  private Optional<String> text(TomlTable settings, String key) throws HostsException {
    return switch (settings.get(List.of(key))) {
      case null -> Optional.empty();
      case String value -> Optional.of(value);
      default -> throw wrong(settings, key, "has to be a text");
    };
  }

  /** Returns the texts of a list, or a text alone as a list of it. */
  private List<String> texts(TomlTable settings, String key) throws HostsException {
    Object value = settings.get(List.of(key));
    List<?> elements = value instanceof TomlArray array ? array.toList() : listOf(value);
    List<String> texts = new ArrayList<>();
    for (Object element : elements) {
      if (!(element instanceof String text)) {
        throw wrong(settings, key, "has to be a text or a list of texts");
      }
      texts.add(text);
    }
    return List.copyOf(texts);
  }

  private static List<Object> listOf(@Nullable Object value) {
    return value == null ? List.of() : List.of(value);
  }

  private HostsException wrong(TomlTable table, String key, String problem) {
    return new HostsException(file, position(table, key).line(), withoutUser(key) + ": " + problem);
  }
}
