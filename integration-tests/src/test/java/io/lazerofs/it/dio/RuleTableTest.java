package io.lazerofs.it.dio;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The table of the rules of direct reads names tests that there are. */
final class RuleTableTest {
  private static final Path ROOT = Path.of("..");
  private static final Path TABLE = ROOT.resolve("docs/direct-io.md");
  private static final List<String> MODULES =
      List.of("erofs", "fetcher", "snapshotter", "integration-tests");

  /** {@code Class}, {@code Class.method} or {@code method}, between backquotes. */
  private static final Pattern NAME =
      Pattern.compile("`(?:([A-Z]\\w*(?:Test|IT|Contract))(?:\\.(\\w+))?|([A-Z]+\\d+_\\w+))`");

  @Test
  void everyTestThatTheTableNamesExists() throws IOException {
    Map<String, String> tests = testSources();
    String all = String.join("\n", tests.values());
    List<String> missing = new ArrayList<>();
    int found = 0;
    Matcher names = NAME.matcher(Files.readString(TABLE));
    while (names.find()) {
      String type = names.group(1);
      String method = type == null ? names.group(3) : names.group(2);
      String source = type == null ? all : tests.getOrDefault(type, "");
      if (source.isEmpty() || method != null && !source.contains("void " + method + "(")) {
        missing.add(names.group());
      }
      found++;
    }
    assertThat(missing).isEmpty();
    assertThat(found).isGreaterThan(50);
  }

  /** Returns the tests of all modules, by the names of their classes. */
  private static Map<String, String> testSources() throws IOException {
    Map<String, String> sources = new HashMap<>();
    for (String module : MODULES) {
      try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src/test/java"))) {
        for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
          String name = file.getFileName().toString();
          sources.put(name.substring(0, name.lastIndexOf('.')), Files.readString(file));
        }
      }
    }
    return sources;
  }
}
