package io.lazerofs.snapshotter.containerd;

import io.lazerofs.snapshotter.containerd.Setting.Entry;
import io.lazerofs.snapshotter.containerd.Setting.Value;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlParseError;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlPosition;
import org.tomlj.TomlTable;

/** Looks for what lazy pulls need in a configuration of containerd. */
public final class ConfigurationCheck {
  private static final int OLDEST_FORMAT = 2;
  private static final List<String> CRI_NAMES =
      List.of("cri", "io.containerd.grpc.v1.cri", "io.containerd.cri.v1.images");
  private static final String REBASE = "rebase";

  /** Stands for the value of a key that is not there. */
  private static final Object MISSING = new Object();

  private final TomlTable file;
  private final SnapshotterPlugin plugin;
  private final List<Finding> findings = new ArrayList<>();

  private ConfigurationCheck(TomlTable file, SnapshotterPlugin plugin) {
    this.file = file;
    this.plugin = plugin;
  }

  /**
   * Returns what is missing or wrong in a file, in the order of its lines; what is missing comes
   * last.
   *
   * @param version of the containerd that is to read the file
   * @throws IOException when the file cannot be read
   */
  public static List<Finding> of(Path file, ContainerdVersion version, SnapshotterPlugin plugin)
      throws IOException {
    TomlParseResult toml = Toml.parse(file);
    if (toml.hasErrors()) {
      TomlParseError error = toml.errors().getFirst();
      return List.of(new Finding(error.position().line(), "no TOML: " + error.getMessage(), true));
    }
    ConfigurationCheck check = new ConfigurationCheck(toml, plugin);
    check.run(version);
    return check.findings.stream()
        .sorted(Comparator.comparingInt(f -> f.line() == 0 ? Integer.MAX_VALUE : f.line()))
        .toList();
  }

  private void run(ContainerdVersion version) {
    List<String> key = List.of("version");
    long format = file.get(key) instanceof Long number ? number : 1;
    if (format < OLDEST_FORMAT) {
      found(key, "is missing or 1, and plug-ins have other names there; write version = 2");
      return;
    }
    if (format > OLDEST_FORMAT && !version.isAtLeast(2, 0)) {
      found(key, "is %d, and containerd %s reads no later one than 2".formatted(format, version));
      return;
    }
    disabledPlugins();
    for (Setting setting : LazyPullSettings.of(version, (int) Math.min(format, 3), plugin)) {
      switch (setting) {
        case Value value -> value(value);
        case Entry entry -> entry(entry);
      }
    }
    rebase();
    List<String> imports = List.of("imports");
    if (file.get(imports) instanceof TomlArray files && !files.isEmpty()) {
      findings.add(finding(imports, "names files that may say otherwise: check them too", false));
    }
  }

  private void disabledPlugins() {
    List<String> key = List.of("disabled_plugins");
    if (file.get(key) instanceof TomlArray names) {
      names.toList().stream()
          .filter(CRI_NAMES::contains)
          .forEach(name -> found(key, "has \"" + name + "\": there is no CRI for a kubelet"));
    }
  }

  private void value(Value setting) {
    List<String> key = Stream.concat(setting.table().stream(), Stream.of(setting.key())).toList();
    Object there = at(key);
    Object value = there instanceof TomlArray array ? array.toList() : there;
    boolean right =
        setting.value() instanceof List<?> least && value instanceof List<?> list
            ? list.containsAll(least)
            : setting.value().equals(value);
    if (!right) {
      String is = value == MISSING ? "is missing" : "is " + Fragment.value(value);
      found(
          key,
          "%s, and has to be %s; otherwise %s"
              .formatted(is, Fragment.value(setting.value()), setting.reason()));
    }
  }

  private void entry(Entry setting) {
    String wanted = setting.values().getOrDefault(setting.known(), "");
    boolean there =
        at(setting.table()) instanceof TomlArray entries
            && entries.toList().stream()
                .anyMatch(entry ->
                    entry instanceof TomlTable table
                        && wanted.equals(table.get(List.of(setting.known()))));
    if (!there) {
      found(
          setting.table(),
          "has no entry with %s = %s; otherwise %s"
              .formatted(setting.known(), Fragment.value(wanted), setting.reason()));
    }
  }

  private void rebase() {
    List<String> key = List.of(LazyPullSettings.PROXY_PLUGINS, plugin.name(), "capabilities");
    if (at(key) instanceof TomlArray words && words.toList().contains(REBASE)) {
      found(key, "has \"rebase\", with which containerd gives lazy layers no parent");
    }
  }

  private Object at(List<String> key) {
    Object value = file.get(key);
    return value == null ? MISSING : value;
  }

  private void found(List<String> key, String problem) {
    findings.add(finding(key, problem, true));
  }

  private Finding finding(List<String> key, String problem, boolean grave) {
    TomlPosition position = file.inputPositionOf(key);
    return new Finding(
        position == null ? 0 : position.line(), Fragment.name(key) + " " + problem, grave);
  }
}
