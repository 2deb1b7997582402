package io.lazerofs.erofs.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PathPatternTest {

  @ParameterizedTest
  @CsvSource({
    "*.db, a.db, true",
    "*.db, var/lib/a.db, true",
    "*.db, a.db/b, false",
    "/*.db, a.db, true",
    "/*.db, var/a.db, false",
    "var/*/a, var/lib/a, true",
    "var/*/a, var/lib/x/a, false",
    "var/**/a, var/a, true",
    "var/**/a, var/lib/x/a, true",
    "/var/**, var/lib/x/a, true",
    "/var/**, usr/var/x, false",
    "a?c, abc, true",
    "a?c, a/c, false",
    "a[b-d]e, ace, true",
    "a[!b-d]e, ace, false",
    "a[!b]e, a/e, false",
    "a[]]e, a]e, true",
    "a\\*c, a*c, true",
    "a\\*c, abc, false",
    "a.c+(d), a.c+(d), true",
    "a.c, abc, false",
    "f?r, für, true",
  })
  void globsMatchNamesAndPaths(String glob, String path, boolean matches) {
    byte[] bytes = path.getBytes(StandardCharsets.UTF_8);
    List<String> names = List.of(new String(bytes, StandardCharsets.ISO_8859_1).split("/"));
    assertThat(PathPattern.of(glob).matches(names)).isEqualTo(matches);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/", "[", "a[b", "a[]", "\\"})
  void whatIsNoPatternIsRefused(String glob) {
    assertThatThrownBy(() -> PathPattern.of(glob)).isInstanceOf(IllegalArgumentException.class);
  }
}
