package io.lazerofs.snapshotter.containerd;

import io.lazerofs.snapshotter.containerd.Setting.Entry;
import io.lazerofs.snapshotter.containerd.Setting.Value;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.tomlj.Toml;

/** The part of containerd's configuration that lazy pulls need, as TOML. */
public final class Fragment {
  private static final Pattern BARE = Pattern.compile("[A-Za-z0-9_-]+");

  private Fragment() {}

  /** Returns the part as a text of whole lines, the version of the format first. */
  public static String of(ContainerdVersion version, SnapshotterPlugin plugin) {
    StringBuilder text = new StringBuilder("version = " + version.format() + "\n");
    List<String> table = List.of();
    for (Setting setting : LazyPullSettings.of(version, version.format(), plugin)) {
      switch (setting) {
        case Value value -> {
          if (!value.table().equals(table)) {
            text.append("\n[").append(name(value.table())).append("]\n");
          }
          line(text, value.key(), value.value());
        }
        case Entry entry -> {
          text.append("\n[[").append(name(entry.table())).append("]]\n");
          for (Map.Entry<String, String> value : entry.values().entrySet()) {
            line(text, value.getKey(), value.getValue());
          }
        }
      }
      table = setting.table();
    }
    return text.toString();
  }

  /** Returns the name of a table or key as TOML writes it, with dots between its parts. */
  static String name(List<String> parts) {
    return parts.stream()
        .map(part -> BARE.matcher(part).matches() ? part : quoted(part))
        .collect(Collectors.joining("."));
  }

  /** Returns a value as TOML writes it. */
  static String value(Object value) {
    return switch (value) {
      case String text -> quoted(text);
      case List<?> list ->
          list.stream().map(Fragment::value).collect(Collectors.joining(", ", "[", "]"));
      default -> value.toString();
    };
  }

  private static void line(StringBuilder text, String key, Object value) {
    text.append("  ").append(key).append(" = ").append(value(value)).append('\n');
  }

  private static String quoted(String text) {
    return '"' + Toml.tomlEscape(text).toString() + '"';
  }
}
