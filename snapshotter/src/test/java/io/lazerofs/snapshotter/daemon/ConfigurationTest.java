package io.lazerofs.snapshotter.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazerofs.dio.DirectIoSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigurationTest {
  @TempDir private Path directory;

  @Test
  void anEmptyFileHasAllDefaults() throws Exception {
    assertThat(read(""))
        .isEqualTo(
            Configuration.of(Path.of("/var/lib/lazerofs"), Path.of("/run/lazerofs/lazerofs.sock")));
  }

  @Test
  void everyKeyIsRead() throws Exception {
    assertThat(
            read(
                """
                root = "/srv/lazy"
                address = "/run/lazy.sock"
                [registry]
                plain_http = ["registry.example:5000", "other.example"]
                [cache]
                directory = "/srv/cache"
                """))
        .isEqualTo(
            new Configuration(
                Path.of("/srv/lazy"),
                Path.of("/run/lazy.sock"),
                Set.of("registry.example:5000", "other.example"),
                Optional.of(Path.of("/srv/cache")),
                DirectIoSettings.DEFAULT));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "rot = '/x'                    | line 1: unknown key \"rot\"; did you mean \"root\"?",
        "adress = '/x'                 | unknown key \"adress\"; did you mean \"address\"?",
        "registry.plain = []           | did you mean \"registry.plain_http\"?",
        "cache.dir = '/x'              | did you mean \"cache.directory\"?",
        "root = 1                      | \"root\" has to be an absolute path",
        "root = 'relative'             | \"root\" has to be an absolute path",
        "root = '/a:b'                 | \"root\" has to be a path without colon",
        "registry.plain_http = 'x'     | \"registry.plain_http\" has to be a list",
        "registry.plain_http = [1]     | \"registry.plain_http\" has to be a list of texts",
        "root =                        | line 1",
      })
  void aFileThatIsWrongIsRefusedWithItsPlace(String text, String message) {
    assertThatThrownBy(() -> read(text.replace('\'', '"')))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining(directory.toString())
        .hasMessageContaining(message);
  }

  private Configuration read(String text) throws IOException {
    return Configuration.read(Files.writeString(directory.resolve("config.toml"), text));
  }
}
