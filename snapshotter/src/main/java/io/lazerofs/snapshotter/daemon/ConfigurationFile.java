package io.lazerofs.snapshotter.daemon;

import io.lazerofs.dio.DirectIoSettings;
import io.lazerofs.snapshotter.daemon.Configuration.Cache;
import io.lazerofs.snapshotter.daemon.Configuration.Cri;
import io.lazerofs.snapshotter.daemon.Configuration.Log;
import io.lazerofs.snapshotter.daemon.Configuration.Prefetch;
import io.lazerofs.snapshotter.daemon.Configuration.Registry;
import io.lazerofs.snapshotter.metrics.MetricsAddress;
import io.lazerofs.snapshotter.mount.Verify;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlParseError;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlPosition;
import org.tomlj.TomlTable;

/** The reader of a configuration file. It knows all keys, and refuses every other by name. */
final class ConfigurationFile {
  private static final String ROOT = "root";
  private static final String ADDRESS = "address";
  private static final String VERIFY = "verify";
  private static final String BACKGROUND = "background";
  private static final String PLAIN_HTTP = "registry.plain_http";
  private static final String CONFIG_PATH = "registry.config_path";
  private static final String DOCKER_CONFIG = "registry.docker_config";
  private static final String DEADLINE = "registry.deadline";
  private static final String STALL = "registry.stall";
  private static final String CACHE_DIRECTORY = "cache.directory";
  private static final String MAX_BYTES = "cache.max-bytes";
  private static final String HIGH_WATERMARK = "cache.high-watermark";
  private static final String LOW_WATERMARK = "cache.low-watermark";
  private static final String TRACE = "prefetch.trace";
  private static final String PREFETCH_BYTES = "prefetch.max-bytes";
  private static final String CONNECTIONS = "prefetch.connections";
  private static final String IMAGE_SERVICE = "cri.image_service";
  private static final String CONTAINERD = "cri.containerd";
  private static final String DIRECT_IO = "direct_io.";
  private static final String METRICS_ADDRESS = "metrics.address";
  private static final String LOG_FORMAT = "log.format";
  private static final String LOG_LEVEL = "log.level";

  /** All keys, with the names of the tables that they are in. */
  static final List<String> KEYS =
      Stream.concat(
              Stream.of(
                  ROOT,
                  ADDRESS,
                  VERIFY,
                  BACKGROUND,
                  PLAIN_HTTP,
                  CONFIG_PATH,
                  DOCKER_CONFIG,
                  DEADLINE,
                  STALL,
                  CACHE_DIRECTORY,
                  MAX_BYTES,
                  HIGH_WATERMARK,
                  LOW_WATERMARK,
                  TRACE,
                  PREFETCH_BYTES,
                  CONNECTIONS,
                  IMAGE_SERVICE,
                  CONTAINERD,
                  METRICS_ADDRESS,
                  LOG_FORMAT,
                  LOG_LEVEL),
              DirectIoWords.KEYS.stream().map(DIRECT_IO::concat))
          .toList();

  /** Characters that separate what overlayfs is told, or end it. */
  private static final String SEPARATORS = ":,\\\n\"";

  private final Path file;
  private final TomlTable toml;

  private ConfigurationFile(Path file, TomlTable toml) {
    this.file = file;
    this.toml = toml;
  }

  static Configuration read(Path file) throws IOException {
    TomlParseResult toml = Toml.parse(file);
    if (toml.hasErrors()) {
      TomlParseError first = toml.errors().getFirst();
      throw new ConfigurationException(file, at(first.position()) + ": " + first.getMessage());
    }
    return new ConfigurationFile(file, toml).read();
  }

  /**
   * Returns all that is no TOML in a file, or else all keys in it that are none of ours, a line
   * each.
   */
  static List<String> problems(Path file) throws IOException {
    TomlParseResult toml = Toml.parse(file);
    List<String> problems = new ArrayList<>();
    for (TomlParseError error : toml.errors()) {
      problems.add("%s: %s: %s".formatted(file, at(error.position()), error.getMessage()));
    }
    if (problems.isEmpty()) {
      ConfigurationFile reader = new ConfigurationFile(file, toml);
      List<String> keys = new ArrayList<>(toml.dottedKeySet());
      keys.sort(Comparator.comparingInt(key -> line(toml.inputPositionOf(key))));
      for (String key : keys) {
        try {
          reader.requireKnown(key);
        } catch (ConfigurationException e) {
          problems.add(String.valueOf(e.getMessage()));
        }
      }
    }
    return problems;
  }

  private Configuration read() throws ConfigurationException {
    for (String key : toml.dottedKeySet()) {
      requireKnown(key);
    }
    Path root = path(ROOT).orElse(Configuration.DEFAULT_ROOT);
    if (root.toString().chars().anyMatch(c -> SEPARATORS.indexOf(c) >= 0)) {
      throw invalid(ROOT, "a path without colon, comma, quote and backslash: overlayfs is told it");
    }
    return new Configuration(
        root,
        path(ADDRESS).orElse(Configuration.DEFAULT_ADDRESS),
        verify(),
        background(),
        registry(),
        cache(),
        prefetch(),
        directIo(),
        cri(),
        metrics(),
        new Log(choice(LOG_FORMAT, Log.DEFAULT.format()), choice(LOG_LEVEL, Log.DEFAULT.level())));
  }

  private Verify verify() throws ConfigurationException {
    Object word = toml.contains(VERIFY) ? toml.get(VERIFY) : "when-possible";
    if ("when-possible".equals(word)) {
      return Verify.WHEN_POSSIBLE;
    }
    if ("require".equals(word)) {
      return Verify.REQUIRE;
    }
    throw invalid(VERIFY, "\"require\" or \"when-possible\"");
  }

  private OptionalLong background() throws ConfigurationException {
    return toml.contains(BACKGROUND) && "off".equals(toml.get(BACKGROUND))
        ? OptionalLong.empty()
        : number(BACKGROUND, 1, Long.MAX_VALUE, "\"off\", or a number of bytes per second");
  }

  private Registry registry() throws ConfigurationException {
    Registry defaults = Registry.DEFAULT;
    return new Registry(
        words(PLAIN_HTTP),
        path(CONFIG_PATH).orElse(defaults.configPath()),
        path(DOCKER_CONFIG),
        seconds(DEADLINE).orElse(defaults.deadline()),
        seconds(STALL).orElse(defaults.stall()));
  }

  private Cache cache() throws ConfigurationException {
    Cache defaults = Cache.DEFAULT;
    int high = percent(HIGH_WATERMARK, 100).orElse(defaults.highWatermark());
    int low = percent(LOW_WATERMARK, high).orElse(Math.min(high, defaults.lowWatermark()));
    return new Cache(
        path(CACHE_DIRECTORY),
        number(MAX_BYTES, 1 << 20, Long.MAX_VALUE, "a number of bytes, at least 1048576"),
        high,
        low);
  }

  private Prefetch prefetch() throws ConfigurationException {
    Prefetch defaults = Prefetch.DEFAULT;
    boolean trace = defaults.trace();
    if (toml.contains(TRACE)) {
      if (!(toml.get(TRACE) instanceof Boolean chosen)) {
        throw invalid(TRACE, "true or false");
      }
      trace = chosen;
    }
    return new Prefetch(
        trace,
        number(PREFETCH_BYTES, 0, Long.MAX_VALUE, "a number of bytes").orElse(defaults.maxBytes()),
        Math.toIntExact(
            number(CONNECTIONS, 1, 64, "a number from 1 to 64").orElse(defaults.connections())));
  }

  private Cri cri() throws ConfigurationException {
    return new Cri(path(IMAGE_SERVICE), path(CONTAINERD).orElse(Cri.DEFAULT.containerd()));
  }

  private OptionalLong number(String key, long least, long most, String expected)
      throws ConfigurationException {
    if (!toml.contains(key)) {
      return OptionalLong.empty();
    }
    if (toml.get(key) instanceof Long value && value >= least && value <= most) {
      return OptionalLong.of(value);
    }
    throw invalid(key, expected);
  }

  private OptionalInt percent(String key, int most) throws ConfigurationException {
    OptionalLong value = number(key, 1, most, "percent, from 1 to " + most);
    return value.isPresent()
        ? OptionalInt.of(Math.toIntExact(value.getAsLong()))
        : OptionalInt.empty();
  }

  private Optional<Duration> seconds(String key) throws ConfigurationException {
    OptionalLong value = number(key, 1, 86_400, "a number of seconds, from 1 to 86400");
    return value.isPresent()
        ? Optional.of(Duration.ofSeconds(value.getAsLong()))
        : Optional.empty();
  }

  private void requireKnown(String key) throws ConfigurationException {
    if (!KEYS.contains(key)) {
      String nearest =
          KEYS.stream()
              .min(
                  Comparator.comparingInt(
                      known -> known.startsWith(key) ? 0 : distance(key, known)))
              .orElseThrow();
      throw new ConfigurationException(
          file,
          "%s: unknown key \"%s\"; did you mean \"%s\"?"
              .formatted(at(toml.inputPositionOf(key)), key, nearest));
    }
  }

  private Optional<Path> path(String key) throws ConfigurationException {
    if (!toml.contains(key)) {
      return Optional.empty();
    }
    if (toml.get(key) instanceof String text) {
      try {
        Path path = Path.of(text);
        if (path.isAbsolute()) {
          return Optional.of(path.normalize());
        }
      } catch (InvalidPathException e) {
        throw invalid(key, "a path, and this is none: " + e.getReason());
      }
    }
    throw invalid(key, "an absolute path in quotes");
  }

  private Set<String> words(String key) throws ConfigurationException {
    Set<String> words = new HashSet<>();
    if (toml.contains(key)) {
      if (!(toml.get(key) instanceof TomlArray array)) {
        throw invalid(key, "a list, as [\"host:port\"]");
      }
      for (Object element : array.toList()) {
        if (!(element instanceof String word) || word.isBlank()) {
          throw invalid(key, "a list of texts, as [\"host:port\"]");
        }
        words.add(word);
      }
    }
    return words;
  }

  private DirectIoSettings directIo() throws ConfigurationException {
    DirectIoSettings settings = DirectIoSettings.DEFAULT;
    for (String setting : DirectIoWords.KEYS) {
      String key = DIRECT_IO + setting;
      if (toml.contains(key)) {
        try {
          settings = DirectIoWords.with(settings, setting, String.valueOf(toml.get(key)));
        } catch (IllegalArgumentException e) {
          throw invalid(key, String.valueOf(e.getMessage()));
        }
      }
    }
    return settings;
  }

  private Optional<MetricsAddress> metrics() throws ConfigurationException {
    if (!toml.contains(METRICS_ADDRESS)) {
      return Optional.empty();
    }
    try {
      return Optional.of(MetricsAddress.parse(String.valueOf(toml.get(METRICS_ADDRESS))));
    } catch (IllegalArgumentException e) {
      throw invalid(
          METRICS_ADDRESS, "\"127.0.0.1:PORT\" or \"unix:/PATH\", and this is " + e.getMessage());
    }
  }

  /** Returns the constant whose name in lower case is the value of a key. */
  private <E extends Enum<E>> E choice(String key, E otherwise) throws ConfigurationException {
    if (!toml.contains(key)) {
      return otherwise;
    }
    List<E> constants = List.of(otherwise.getDeclaringClass().getEnumConstants());
    for (E constant : constants) {
      if (word(constant).equals(toml.get(key))) {
        return constant;
      }
    }
    throw invalid(
        key,
        constants.stream()
            .map(constant -> "\"" + word(constant) + "\"")
            .collect(Collectors.joining(" or ")));
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  private ConfigurationException invalid(String key, String expected) {
    return new ConfigurationException(
        file, "%s: \"%s\" has to be %s".formatted(at(toml.inputPositionOf(key)), key, expected));
  }

  private static String at(@Nullable TomlPosition position) {
    return "line " + line(position);
  }

  private static int line(@Nullable TomlPosition position) {
    return position == null ? 1 : position.line();
  }

  /** Returns how many letters have to be put in, left out or changed (Levenshtein's distance). */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int changed = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(changed, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}
