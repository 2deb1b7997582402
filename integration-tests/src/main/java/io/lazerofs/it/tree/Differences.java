package io.lazerofs.it.tree;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.function.Function;

/** What differs between two listings, in words. */
public final class Differences {
  private static final int MOST = 10;
  private static final int LONGEST = 400;

  /** The fields, one by one, so that a difference names those that differ and no others. */
  private static final Map<String, Function<FileFacts, Object>> FIELDS =
      Map.ofEntries(
          Map.entry("type", FileFacts::type),
          Map.entry("permissions", FileFacts::permissions),
          Map.entry("uid", FileFacts::uid),
          Map.entry("gid", FileFacts::gid),
          Map.entry("seconds", FileFacts::seconds),
          Map.entry("nanoseconds", FileFacts::nanoseconds),
          Map.entry("links", FileFacts::links),
          Map.entry("first link", FileFacts::first),
          Map.entry("size", FileFacts::size),
          Map.entry("content", FileFacts::content),
          Map.entry("data", FileFacts::data),
          Map.entry("xattrs", FileFacts::xattrs));

  private Differences() {}

  /** Returns a line for each difference, at most ten, and none where the two are the same. */
  public static List<String> between(
      Map<String, FileFacts> expected, Map<String, FileFacts> actual) {
    List<String> lines = new ArrayList<>();
    TreeSet<String> paths = new TreeSet<>(expected.keySet());
    paths.addAll(actual.keySet());
    for (String path : paths) {
      if (lines.size() == MOST) {
        lines.add("and more");
        break;
      }
      FileFacts wanted = expected.get(path);
      FileFacts found = actual.get(path);
      if (wanted == null || found == null) {
        lines.add(printable(path) + (found == null ? " is missing" : " is too much"));
      } else if (!wanted.equals(found)) {
        lines.add(printable(path) + fields(wanted, found));
      }
    }
    return lines;
  }

  private static String fields(FileFacts wanted, FileFacts found) {
    StringBuilder text = new StringBuilder();
    FIELDS.forEach((name, field) -> {
      Object expected = field.apply(wanted);
      Object actual = field.apply(found);
      if (!Objects.equals(expected, actual)) {
        text.append(": %s should be %s, is %s".formatted(name, brief(expected), brief(actual)));
      }
    });
    return text.toString();
  }

  private static String brief(Object value) {
    String text = printable(value.toString());
    return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "…";
  }

  private static String printable(String text) {
    StringBuilder out = new StringBuilder();
    for (char c : text.toCharArray()) {
      out.append(c >= ' ' && c < 0x7f ? "" + c : "\\x%02x".formatted((int) c));
    }
    return out.toString();
  }
}
