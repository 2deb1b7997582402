package io.lazerofs.fetcher.registry;

import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * What a login in Docker's {@code config.json} is for, by Kubernetes' rules (its documentation of
 * images, "Interpretation of config.json"), which agree with Docker's where Docker has any:
 *
 * <pre>{@code
 * registry.example.com          that host, on the default port
 * https://registry.example.com/v1/                 the same, as old Dockers wrote it
 * registry.example.com:5000     that host and port
 * *.example.com                 hosts with one label more; also ?, [a-z]; never across a dot
 * registry.example.com/team     repositories there whose names begin so
 * }</pre>
 *
 * @param host with its port, if it has one; labels may be globs
 * @param path how repositories begin, with a slash before; empty for all
 */
record RegistryPattern(String host, String path) {
  /** What comes first when several fit: a host before a glob, and the longer path. */
  static final Comparator<RegistryPattern> SPECIFIC_FIRST =
      Comparator.comparing((RegistryPattern pattern) -> pattern.host + pattern.path).reversed();

  /** The names of Docker Hub; its logins are kept under any of them. */
  private static final Set<String> HUB =
      Set.of("docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com");

  private static final Pattern KEY =
      Pattern.compile(
          "(?:https?://)?(?<host>[^/]*)(?:/v[12](?=/|$))?(?<path>/.*)?", Pattern.DOTALL);
  private static final Pattern PORT = Pattern.compile("(?<name>.*):(?<port>[0-9]+)");

  /** Returns the pattern that a key of {@code auths} or {@code credHelpers} is. */
  static RegistryPattern of(String key) {
    Matcher matcher = KEY.matcher(key.strip());
    if (!matcher.matches()) {
      throw new IllegalStateException("the pattern fits anything: " + key);
    }
    String path = Optional.ofNullable(matcher.group("path")).orElse("");
    return new RegistryPattern(
        matcher.group("host").toLowerCase(Locale.ROOT), path.equals("/") ? "" : path);
  }

  /** Returns whether a host is Docker Hub. */
  static boolean isHub(String host) {
    return HUB.contains(host);
  }

  /** Returns whether the logins of this pattern are for a repository. */
  boolean matches(String registry, String repository) {
    return ("/" + repository).startsWith(path)
        && names(registry).stream().anyMatch(this::matchesHost);
  }

  /** Returns whether this is a host itself, and no glob or path. */
  boolean isExactly(String registry) {
    return path.isEmpty() && names(registry).contains(host);
  }

  private static Set<String> names(String registry) {
    String lower = registry.toLowerCase(Locale.ROOT);
    return HUB.contains(lower) ? HUB : Set.of(lower);
  }

  private boolean matchesHost(String registry) {
    if (host.equals(registry)) {
      return true;
    }
    List<String> globs = List.of(name(host).split("\\.", -1));
    List<String> labels = List.of(name(registry).split("\\.", -1));
    if (globs.size() != labels.size() || !port(host).equals(port(registry))) {
      return false;
    }
    for (int i = 0; i < globs.size(); i++) {
      if (!matchesLabel(globs.get(i), labels.get(i))) {
        return false;
      }
    }
    return true;
  }

  private static boolean matchesLabel(String glob, String label) {
    try {
      // Go writes a class that excludes as [^a], Java as [!a]; braces are no letters of hosts.
      return FileSystems.getDefault()
          .getPathMatcher("glob:" + glob.replace("[^", "[!"))
          .matches(Path.of(label));
    } catch (PatternSyntaxException e) {
      return false;
    }
  }

  private static String name(String host) {
    Matcher matcher = PORT.matcher(host);
    return matcher.matches() ? matcher.group("name") : host;
  }

  private static String port(String host) {
    Matcher matcher = PORT.matcher(host);
    return matcher.matches() ? matcher.group("port") : "";
  }
}
