package io.lazerofs.snapshotter.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tomlj.Toml;

class ConfigurationCheckTest {
  private static final Path SAMPLE = Path.of("../docs/lazerofs.toml");
  private static final Pattern COMMENTED_KEY = Pattern.compile("(?m)^# ([a-z_-]+ = )");

  @TempDir private Path directory;

  @Test
  void theSampleHasTheDefaults() throws IOException {
    assertThat(Configuration.read(SAMPLE))
        .isEqualTo(Configuration.of(Configuration.DEFAULT_ROOT, Configuration.DEFAULT_ADDRESS));
  }

  @Test
  void theSampleHasEveryKeyAndNoOther() throws IOException {
    String all = COMMENTED_KEY.matcher(Files.readString(SAMPLE)).replaceAll("$1");

    assertThat(Toml.parse(all).dottedKeySet())
        .containsExactlyInAnyOrderElementsOf(ConfigurationFile.KEYS);
    assertThat(Configuration.read(Files.writeString(directory.resolve("all.toml"), all)).metrics())
        .isPresent();
  }

  @Test
  void aConfigurationThatWorksHasNoProblems() throws IOException {
    assertThat(check(places())).isEmpty();
  }

  @Test
  void allThatIsWrongWithTheFileItselfIsSaidWithItsLine() throws IOException {
    assertThat(check("rot = '/x'\n[cache]\nmax = 1\n"))
        .satisfiesExactly(
            first -> assertThat(first).contains("line 1: unknown key \"rot\""),
            second -> assertThat(second).contains("line 3: unknown key \"cache.max\""));
    assertThat(check("root = \n")).singleElement().asString().contains("line 1");
    assertThat(check("cache = {high-watermark = 50, low-watermark = 60}"))
        .singleElement()
        .asString()
        .contains("cache.low-watermark");
  }

  @Test
  void placesThatCannotBeUsedAreProblems() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "x");
    assertThat(
            check(
                """
                root = "%1$s/root"
                address = "%1$s"
                [cache]
                directory = "%1$s/cache"
                [metrics]
                address = "unix:%2$s/missing/m.sock"
                """
                    .formatted(file, directory)))
        .satisfiesExactlyInAnyOrder(
            problem -> assertThat(problem).contains("\"root\": " + file + " is no directory"),
            problem -> assertThat(problem).contains("\"address\": " + file + " is there and is no"),
            problem -> assertThat(problem).contains("\"cache.directory\": " + file),
            problem -> assertThat(problem).contains("\"metrics.address\": there is no directory"));
  }

  @Test
  void aSocketWithALongPathIsAProblem() throws IOException {
    assertThat(
            check(
                "root = \"%s\"\naddress = \"%s/%s\""
                    .formatted(directory, directory, "x".repeat(108))))
        .singleElement()
        .asString()
        .contains("\"address\": the path of a socket has at most 107 bytes");
  }

  @Test
  void filesOfRegistriesThatCannotBeReadAreProblems() throws IOException {
    Path hosts = Files.createDirectories(directory.resolve("certs.d/registry.example"));
    Files.writeString(hosts.resolve("hosts.toml"), "[host.\"https://mirror\"\n");
    Path logins = Files.writeString(directory.resolve("config.json"), "{\"auths\": secret}");
    assertThat(
            check(
                places()
                    + """
                    [registry]
                    config_path = "%1$s/certs.d"
                    docker_config = "%1$s/config.json"
                    """
                        .formatted(directory)))
        .satisfiesExactlyInAnyOrder(
            problem -> assertThat(problem).contains("registry.example/hosts.toml"),
            problem ->
                assertThat(problem).contains(logins + " is no JSON").doesNotContain("secret"));
    assertThat(check(places() + "registry.docker_config = \"/missing.json\""))
        .singleElement()
        .asString()
        .contains("cannot be read");
  }

  private String places() {
    return "root = \"%1$s/root\"\naddress = \"%1$s/run/s\"\n".formatted(directory);
  }

  private List<String> check(String text) throws IOException {
    return ConfigurationCheck.of(Files.writeString(directory.resolve("config.toml"), text));
  }
}
