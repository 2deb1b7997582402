package io.lazerofs.fetcher.hosts;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import okhttp3.HttpUrl;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostsDirectoryTest {
  private static final HttpUrl SERVER = HttpUrl.get("https://registry.example:5000/v2/");

  @TempDir private Path root;

  private HostsDirectory directory() {
    return new HostsDirectory(root);
  }

  private Path write(String directory, String text) throws IOException {
    return Files.writeString(
        Files.createDirectories(root.resolve(directory)).resolve("hosts.toml"), text);
  }

  private List<String> bases(String registry) {
    return directory().hosts(registry, SERVER).stream().map(e -> e.base().toString()).toList();
  }

  @Test
  void aRegistryWithoutAFileIsAskedItself() {
    assertThat(directory().hosts("registry.example:5000", SERVER))
        .containsExactly(HostEntry.of(SERVER));
    assertThat(new HostsDirectory(root.resolve("missing")).hosts("x", SERVER)).hasSize(1);
  }

  @Test
  void hostsAreInFileOrderAndTheServerIsLast() throws Exception {
    write(
        "registry.example",
        """
        server = "https://upstream.example"
        [host."https://zebra.example"]
          capabilities = ["pull"]
          [host."https://zebra.example".header]
            x-one = "1"
        [host."http://apple.example:30020"]
        [host."mango.example/cache"]
        """);

    assertThat(bases("registry.example"))
        .containsExactly(
            "https://zebra.example/v2/",
            "http://apple.example:30020/v2/",
            "https://mango.example/cache/v2/",
            "https://upstream.example/v2/");
  }

  @Test
  void withoutAServerTheRegistryItselfIsLast() throws Exception {
    write("registry.example", "[host.\"https://mirror.example\"]\n");
    assertThat(bases("registry.example"))
        .containsExactly("https://mirror.example/v2/", SERVER.toString());
  }

  @Test
  void directoriesAreLookedForAsContainerdDoes() throws Exception {
    write("_default", "server = \"https://default.example\"");
    assertThat(bases("registry.example:5000")).containsExactly("https://default.example/v2/");
    write("registry.example:5000", "server = \"https://colon.example\"");
    assertThat(bases("registry.example:5000")).containsExactly("https://colon.example/v2/");
    write("registry.example_5000_", "server = \"https://underscore.example\"");
    assertThat(bases("registry.example:5000")).containsExactly("https://underscore.example/v2/");
    assertThat(bases("registry.example:5001")).containsExactly("https://default.example/v2/");
  }

  @ParameterizedTest
  @CsvSource({
    "https://m.example, false, https://m.example/v2/",
    "https://m.example/, false, https://m.example/v2/",
    "https://m.example/v2, false, https://m.example/v2/",
    "https://m.example/v2/, false, https://m.example/v2/",
    "https://m.example/us, false, https://m.example/us/v2/",
    "https://m.example/v2/upstream, true, https://m.example/v2/upstream/",
    "https://m.example, true, https://m.example/",
  })
  void thePathIsCompletedUnlessItIsOverridden(String host, boolean override, String base)
      throws Exception {
    write("r", "[host.\"%s\"]\noverride_path = %s\n".formatted(host, override));
    assertThat(bases("r").getFirst()).isEqualTo(base);
  }

  @Test
  void allThatIsToldOfAHostIsRead() throws Exception {
    write(
        "r",
        """
        [host."https://m.example"]
          capabilities = ["Pull", "resolve"]
          ca = ["a.pem", "/etc/b.pem"]
          client = [["c.cert", "c.key"], ["d.pem", ""], "e.pem"]
          skip_verify = true
          dial_timeout = "1m1.5s"
          [host."https://m.example".header]
            x-one = "1"
            x-many = ["2", "3"]
        """);
    HostEntry host = directory().hosts("r", SERVER).getFirst();
    Path at = root.resolve("r");

    assertThat(host.capabilities()).isEqualTo(Set.of(Capability.PULL, Capability.RESOLVE));
    assertThat(host.tls())
        .isEqualTo(
            new TlsFiles(
                List.of(at.resolve("a.pem"), Path.of("/etc/b.pem")),
                List.of(
                    new TlsFiles.Pair(at.resolve("c.cert"), at.resolve("c.key")),
                    new TlsFiles.Pair(at.resolve("d.pem"), at.resolve("d.pem")),
                    new TlsFiles.Pair(at.resolve("e.pem"), at.resolve("e.pem"))),
                true));
    assertThat(host.headers())
        .isEqualTo(Map.of("x-one", List.of("1"), "x-many", List.of("2", "3")));
    assertThat(host.dialTimeout()).contains(Duration.ofMillis(61_500));
  }

  @Test
  void fieldsAtTheRootAreTheServers() throws Exception {
    write("r", "capabilities = [\"pull\"]\nca = \"x.crt\"\n[host.\"https://m.example\"]\n");
    List<HostEntry> hosts = directory().hosts("r", SERVER);

    assertThat(hosts.get(0).capabilities()).hasSize(3);
    assertThat(hosts.get(0).tls().isEmpty()).isTrue();
    assertThat(hosts.get(1).base()).isEqualTo(SERVER);
    assertThat(hosts.get(1).capabilities()).containsExactly(Capability.PULL);
    assertThat(hosts.get(1).tls().ca()).containsExactly(root.resolve("r/x.crt"));
  }

  @Test
  void aHeaderIsNotInTheTextOfAHost() throws Exception {
    write("r", "[host.\"https://m.example\"]\nheader = { Authorization = \"Bearer s3cret\" }\n");
    assertThat(directory().hosts("r", SERVER).toString()).doesNotContain("s3cret");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "server = 1",
        "[host.\"https://m.example\"]\ncapabilities = [\"pul\"]",
        "[host.\"https://m.example\"]\nca = 5",
        "[host.\"https://m.example\"]\nclient = [[\"a\", \"b\", \"c\"]]",
        "[host.\"https://m.example\"]\nskip_verify = \"yes\"",
        "[host.\"https://m.example\"]\ndial_timeout = \"soon\"",
        "[host.\"https://m.example\"]\nheader = \"x\"",
        "[host.\"https://m.example\"]\nheader = { \"a b\" = \"x\" }",
        "[host.\"https://us er@/\"]",
        "[host.\"https://user:s3cret@m.example\"]",
        "host = 1",
        "[header]\nAuthorization = s3cret",
        "server = ",
        "no toml",
      })
  void aFileThatCannotBeUsedIsNamedWithItsLineAndTheRegistryIsAskedItself(String text)
      throws Exception {
    Path file = write("r", "\n" + text + "\n");
    write("other", "server = \"https://fine.example\"");
    HostsDirectory directory = directory();

    assertThat(directory.hosts("r", SERVER)).containsExactly(HostEntry.of(SERVER));
    assertThat(directory.problems().get("r"))
        .startsWith(file + ": line ")
        .doesNotContain("\n", "s3cret");
    assertThat(directory.hosts("other", SERVER).getFirst().base().host()).isEqualTo("fine.example");
  }

  @Test
  void aFileOfVeryManyHostsIsRefused() throws Exception {
    String hosts =
        IntStream.rangeClosed(0, 64)
            .mapToObj("[host.\"https://m%d.example\"]\n"::formatted)
            .collect(Collectors.joining());
    write("r", hosts);
    HostsDirectory directory = directory();

    assertThat(directory.hosts("r", SERVER)).containsExactly(HostEntry.of(SERVER));
    assertThat(directory.problems().get("r")).contains("65 hosts, more than 64");
  }

  @Test
  void aChangedFileIsReadAgainAndABrokenOneLeavesTheLastGood() throws Exception {
    HostsDirectory directory = directory();
    Path file = write("r", "server = \"https://one.example\"");
    assertThat(directory.hosts("r", SERVER).getFirst().base().host()).isEqualTo("one.example");

    rewrite(file, "server = \"https://two.example\"", 1);
    assertThat(directory.hosts("r", SERVER).getFirst().base().host()).isEqualTo("two.example");

    rewrite(file, "server = 3", 2);
    assertThat(directory.hosts("r", SERVER).getFirst().base().host()).isEqualTo("two.example");
    assertThat(directory.problems()).containsKey("r");

    rewrite(file, "server = \"https://four.example\"", 3);
    assertThat(directory.hosts("r", SERVER).getFirst().base().host()).isEqualTo("four.example");
    assertThat(directory.problems()).isEmpty();

    Files.delete(file);
    Files.delete(file.getParent());
    assertThat(directory.hosts("r", SERVER)).containsExactly(HostEntry.of(SERVER));
  }

  // The clock of files may be too coarse to tell two writes of a test apart.
  private static void rewrite(Path file, String text, int minute) throws IOException {
    Files.writeString(file, text);
    Files.setLastModifiedTime(file, FileTime.fromMillis(1_700_000_000_000L + minute * 60_000L));
  }

  @Test
  void certificatesBesideNoFileAreTheRegistrys() throws Exception {
    Path at = Files.createDirectories(root.resolve("r"));
    for (String name : List.of("ca.crt", "one.cert", "one.key", "two.cert", "notes.txt")) {
      Files.createFile(at.resolve(name));
    }
    assertThat(directory().hosts("r", SERVER))
        .singleElement()
        .satisfies(host -> {
          assertThat(host.base()).isEqualTo(SERVER);
          assertThat(host.tls())
              .isEqualTo(
                  new TlsFiles(
                      List.of(at.resolve("ca.crt")),
                      List.of(
                          new TlsFiles.Pair(at.resolve("one.cert"), at.resolve("one.key")),
                          new TlsFiles.Pair(at.resolve("two.cert"), at.resolve("two.cert"))),
                      false));
        });
  }

  @ParameterizedTest
  @CsvSource({"1s, 1000", "200ms, 200", "1h1m, 3660000", ".5s, 500", "1.s, 1000", "2000us, 2"})
  void durationsAreGos(String text, long milliseconds) {
    assertThat(GoDuration.parse(text)).contains(Duration.ofMillis(milliseconds));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1", "s", "1 s", "-1s", "1s x", "1d", "99999999999h"})
  void otherTextsAreNoDuration(String text) {
    assertThat(GoDuration.parse(text)).isEmpty();
  }
}
