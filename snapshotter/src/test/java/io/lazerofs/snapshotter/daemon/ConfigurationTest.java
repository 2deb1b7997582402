package io.lazerofs.snapshotter.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazerofs.dio.DirectIoSettings;
import io.lazerofs.dio.DirectIoSettings.Alignment;
import io.lazerofs.dio.DirectIoSettings.Backing;
import io.lazerofs.dio.DirectIoSettings.Compressed;
import io.lazerofs.snapshotter.daemon.Configuration.Cache;
import io.lazerofs.snapshotter.daemon.Configuration.Cri;
import io.lazerofs.snapshotter.daemon.Configuration.Log;
import io.lazerofs.snapshotter.daemon.Configuration.Log.Format;
import io.lazerofs.snapshotter.daemon.Configuration.Log.Level;
import io.lazerofs.snapshotter.daemon.Configuration.Prefetch;
import io.lazerofs.snapshotter.daemon.Configuration.Registry;
import io.lazerofs.snapshotter.metrics.MetricsAddress;
import io.lazerofs.snapshotter.mount.Verify;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
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
                verify = "require"
                background = 1000000
                [registry]
                plain_http = ["registry.example:5000", "other.example"]
                config_path = "/srv/certs.d"
                docker_config = "/srv/config.json"
                deadline = 30
                stall = 5
                [cache]
                directory = "/srv/cache"
                max-bytes = 10000000000
                high-watermark = 80
                low-watermark = 60
                [prefetch]
                trace = false
                max-bytes = 1000
                connections = 2
                [direct_io]
                alignment = "strict"
                compressed = "reject"
                backing = "device"
                [cri]
                image_service = "/run/lazy-cri.sock"
                containerd = "/run/other/containerd.sock"
                [metrics]
                address = "unix:/run/metrics.sock"
                [log]
                format = "json"
                level = "debug"
                """))
        .isEqualTo(
            new Configuration(
                Path.of("/srv/lazy"),
                Path.of("/run/lazy.sock"),
                Verify.REQUIRE,
                OptionalLong.of(1_000_000),
                new Registry(
                    Set.of("registry.example:5000", "other.example"),
                    Path.of("/srv/certs.d"),
                    Optional.of(Path.of("/srv/config.json")),
                    Duration.ofSeconds(30),
                    Duration.ofSeconds(5)),
                new Cache(
                    Optional.of(Path.of("/srv/cache")), OptionalLong.of(10_000_000_000L), 80, 60),
                new Prefetch(false, 1000, 2),
                new DirectIoSettings(Alignment.STRICT, Compressed.REJECT, Backing.DEVICE),
                new Cri(
                    Optional.of(Path.of("/run/lazy-cri.sock")),
                    Path.of("/run/other/containerd.sock")),
                Optional.of(new MetricsAddress.Unix(Path.of("/run/metrics.sock"))),
                new Log(Format.JSON, Level.DEBUG)));
  }

  @Test
  void whatIsNotSaidOfDirectIoIsTheDefault() throws Exception {
    assertThat(read("direct_io.alignment = \"none\"").directIo())
        .isEqualTo(new DirectIoSettings(Alignment.NONE, Compressed.DECODE, Backing.PAGE_CACHE));
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
        "verify = 'always'             | \"verify\" has to be \"require\" or \"when-possible\"",
        "background = 'on'             | \"background\" has to be \"off\", or a number of bytes",
        "background = 0                | \"background\" has to be \"off\", or a number of bytes",
        "registry.deadline = '60s'     | \"registry.deadline\" has to be a number of seconds",
        "cache.max-bytes = 5           | \"cache.max-bytes\" has to be a number of bytes",
        "cache.high-watermark = 101    | has to be percent, from 1 to 100",
        "cache = {high-watermark = 50, low-watermark = 60} | percent, from 1 to 50",
        "prefetch.trace = 1            | \"prefetch.trace\" has to be true or false",
        "prefetch.connections = 0      | \"prefetch.connections\" has to be a number from 1",
        "direct_io.align = 'strict'    | did you mean \"direct_io.alignment\"?",
        "direct_io.alignment = '512'   | has to be \"per-mapping\" or \"strict\" or \"none\"",
        "direct_io.compressed = true   | has to be \"decode\" or \"reject\"",
        "direct_io.backing = ''        | has to be \"page-cache\" or \"device\"",
        "metrics.address = '0.0.0.0:1' | this is not on the loopback interface: 0.0.0.0",
        "metrics.address = 'unix:x'    | the path of a socket is absolute: unix:x",
        "log.format = 'xml'            | \"log.format\" has to be \"text\" or \"json\"",
        "log.level = 'loud'            | \"log.level\" has to be \"error\" or \"warn\"",
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
