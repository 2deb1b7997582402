package io.lazerofs.snapshotter.containerd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tomlj.Toml;
import org.tomlj.TomlParseResult;

class FragmentTest {
  private static final Path DOCUMENT = Path.of("../docs/containerd.md");
  private static final SnapshotterPlugin DEFAULTS =
      new SnapshotterPlugin(
          "lazerofs", Path.of("/run/lazerofs/lazerofs.sock"), Path.of("/var/lib/lazerofs"));
  private static final List<String> VERSIONS = List.of("1.6", "1.7", "2.0", "2.1", "2.2", "2.3");

  @TempDir private Path directory;

  private static String fragment(String version) {
    return Fragment.of(ContainerdVersion.parse(version), DEFAULTS);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1.6", "1.7", "2.0", "2.1", "2.2", "2.3"})
  void aFragmentIsTomlThatTheCheckFindsNothingWrongIn(String version) throws IOException {
    Path file = Files.writeString(directory.resolve("config.toml"), fragment(version));

    assertThat(Toml.parse(file).errors()).isEmpty();
    assertThat(ConfigurationCheck.of(file, ContainerdVersion.parse(version), DEFAULTS)).isEmpty();
  }

  @Test
  void theExamplesOfTheDocumentAreWhatTheCommandPrints() throws IOException {
    String document = Files.readString(DOCUMENT);
    for (String version : VERSIONS) {
      var example =
          Pattern.compile(
                  "`lazerofs config containerd --version "
                      + Pattern.quote(version)
                      + "`[^`]*```toml\n(?<toml>[^`]*)```")
              .matcher(document);
      assertThat(example.find()).as("an example for %s", version).isTrue();
      assertThat(example.group("toml")).as(version).isEqualTo(fragment(version));
    }
  }

  @Test
  void everySettingIsExplainedInTheDocument() throws IOException {
    String document = Files.readString(DOCUMENT);
    for (String version : VERSIONS) {
      TomlParseResult toml = Toml.parse(fragment(version));
      assertThat(toml.dottedKeySet())
          .allSatisfy(key ->
              assertThat(document).contains("`" + key.substring(key.lastIndexOf('.') + 1) + "`"));
    }
  }

  @Test
  void pathsAndNamesThatTomlHasToEscapeAreEscaped() {
    SnapshotterPlugin strange =
        new SnapshotterPlugin("a b.c", Path.of("/run/a\"b"), Path.of("/srv/\\x"));
    TomlParseResult toml = Toml.parse(Fragment.of(ContainerdVersion.parse("1.6"), strange));

    assertThat(toml.errors()).isEmpty();
    assertThat(toml.get(List.of("proxy_plugins", "a b.c", "address"))).isEqualTo("/run/a\"b");
    assertThat(toml.get(List.of("proxy_plugins", "a b.c", "exports", "root")))
        .isEqualTo("/srv/\\x");
  }

  @ParameterizedTest
  @CsvSource({
    "1.6, 1.6, 2",
    "v1.7.3, 1.7, 2",
    "1.6.20~ds1, 1.6, 2",
    "2.0.0-rc.1, 2.0, 3",
    "v2.3.4+x, 2.3, 3",
    "3.0, 3.0, 3"
  })
  void aVersionIsItsReleaseLine(String text, String line, int format) {
    ContainerdVersion version = ContainerdVersion.parse(text);

    assertThat(version).hasToString(line);
    assertThat(version.format()).isEqualTo(format);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "2", "two", "1.5", "0.9", "1.x", "99999.1"})
  void whatIsNoVersionOrTooOldIsRefused(String text) {
    assertThatThrownBy(() -> ContainerdVersion.parse(text))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
