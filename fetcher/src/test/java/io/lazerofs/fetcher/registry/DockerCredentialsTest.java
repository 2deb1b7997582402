package io.lazerofs.fetcher.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DockerCredentialsTest {
  private static final String HOST = "localhost:5000";
  private static final String SECRET = "pa55word-of-test";

  @TempDir private Path directory;

  private static String auth(String user, String password) {
    String both = user + ":" + password;
    return "{\"auth\":\"" + Base64.getEncoder().encodeToString(both.getBytes(UTF_8)) + "\"}";
  }

  private DockerCredentials config(String json) throws IOException {
    return config(json, Duration.ofSeconds(20));
  }

  private DockerCredentials config(String json, Duration helperLimit) throws IOException {
    Path file = Files.writeString(directory.resolve("config.json"), json);
    Map<String, String> environment =
        Map.of("PATH", directory + ":/usr/bin:/bin", "OF_THE_TEST", "yes");
    return new DockerCredentials(file, true, environment, helperLimit);
  }

  /** Writes a credential helper {@code of-test} that runs a script. */
  private void helper(String script) throws IOException {
    Path file = directory.resolve("docker-credential-of-test");
    Files.writeString(file, "#!/bin/sh\n" + script + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
  }

  private List<Credential> helped(String script) throws IOException {
    helper(script);
    return config("{\"credsStore\":\"of-test\"}").candidates(HOST, "app");
  }

  @Test
  void loginsAreWhereDockerKeepsThem() throws Exception {
    Files.createDirectory(directory.resolve(".docker"));
    Files.writeString(
        directory.resolve(".docker/config.json"),
        "{\"auths\":{\"localhost:5000\":" + auth("user", "pass:word") + "}}");
    Credential login = new Credential("user", "pass:word");
    DockerCredentials ofHome = DockerCredentials.of(Map.of(), directory);
    assertThat(ofHome.candidates(HOST, "app")).containsExactly(login);
    assertThat(ofHome.candidates("localhost:5001", "app")).isEmpty();
    Path named = directory.resolve(".docker");
    assertThat(
            DockerCredentials.of(Map.of("DOCKER_CONFIG", named.toString()), Path.of("/nowhere"))
                .candidates(HOST, "app"))
        .containsExactly(login);
    assertThat(DockerCredentials.of(Map.of(), named).candidates(HOST, "app")).isEmpty();
  }

  @Test
  void entriesMayHaveAnIdentityTokenOrUserAndPassword() throws Exception {
    assertThat(
            config("{\"auths\":{\"a\":{\"username\":\"u\",\"password\":\"p\"}}}")
                .candidates("a", "app"))
        .containsExactly(new Credential("u", "p"));
    // As docker login writes it where the registry gives identity tokens.
    assertThat(
            config("{\"auths\":{\"a\":{\"auth\":\"MDA6\",\"identitytoken\":\"t\"}}}")
                .candidates("a", "app"))
        .containsExactly(new Credential(Credential.IDENTITY_TOKEN, "t"));
    assertThat(config("{\"auths\":{\"a\":{}}}").candidates("a", "app")).isEmpty();
    assertThat(config("{}").candidates("a", "app")).isEmpty();
  }

  @Test
  void allThatFitAreCandidatesAndTheMostSpecificIsTheFirst() throws Exception {
    DockerCredentials credentials =
        config(
            "{\"auths\":{\"*.example.com\":%s,\"r.example.com\":%s,\"r.example.com/team\":%s}}"
                .formatted(auth("glob", "1"), auth("host", "2"), auth("team", "3")));
    assertThat(credentials.candidates("r.example.com", "team/app"))
        .extracting(Credential::username)
        .containsExactly("team", "host", "glob");
    assertThat(credentials.candidates("r.example.com", "app"))
        .extracting(Credential::username)
        .containsExactly("host", "glob");
    assertThat(credentials.candidates("s.example.com", "team/app"))
        .extracting(Credential::username)
        .containsExactly("glob");
  }

  @Test
  void aMountedSecretThatIsReplacedIsSeenAtOnce() throws Exception {
    // A volume of Kubernetes: name -> ..data/name, ..data -> a directory, replaced by a rename.
    Path first = Files.createDirectory(directory.resolve("..1"));
    Path second = Files.createDirectory(directory.resolve("..2"));
    Files.writeString(first.resolve("s"), "{\"auths\":{\"a\":" + auth("u", "old") + "}}");
    Files.writeString(second.resolve("s"), "{\"auths\":{\"a\":" + auth("u", "new") + "}}");
    Files.createSymbolicLink(directory.resolve("..data"), first.getFileName());
    Path file = directory.resolve(".dockerconfigjson");
    Files.createSymbolicLink(file, Path.of("..data/s"));
    DockerCredentials credentials = DockerCredentials.at(file, Map.of());
    assertThat(credentials.candidates("a", "app")).containsExactly(new Credential("u", "old"));

    Files.createSymbolicLink(directory.resolve("..data_tmp"), second.getFileName());
    Files.move(
        directory.resolve("..data_tmp"),
        directory.resolve("..data"),
        StandardCopyOption.ATOMIC_MOVE);
    assertThat(credentials.candidates("a", "app")).containsExactly(new Credential("u", "new"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"auths\":{\"localhost:5000\":\"pa55word-of-test",
        "[\"pa55word-of-test\"]",
        "{\"auths\":{\"localhost:5000\":{\"auth\":\"pa55word-of-test\"}}}",
        "{\"auths\":{\"localhost:5000\":{\"auth\":\"cGE1NXdvcmQtb2YtdGVzdA==\"}}}",
      })
  void aDamagedFileIsToldWithoutItsContent(String json) throws Exception {
    DockerCredentials credentials = config(json);
    assertThatThrownBy(() -> credentials.candidates(HOST, "app"))
        .isInstanceOf(RegistryException.LoginUnavailable.class)
        .hasMessageContaining("config.json")
        .hasMessageNotContaining("pa55")
        .hasNoCause();
  }

  @Test
  void aDamagedEntryOfAnotherHostDoesNotMatter() throws Exception {
    assertThat(
            config("{\"auths\":{\"a\":{\"auth\":\"?\"},\"b\":" + auth("u", "p") + "}}")
                .candidates("b", "app"))
        .containsExactly(new Credential("u", "p"));
  }

  @Test
  void aHelperIsToldTheServerOnItsInputAndGetsTheEnvironment() throws Exception {
    assertThat(
            helped(
                """
                read -r server
                [ "$1" = get ] && [ "$OF_THE_TEST" = yes ] &&
                printf '{"ServerURL":"%s","Username":"u","Secret":"for %s"}' "$server" "$server"
                """))
        .containsExactly(new Credential("u", "for localhost:5000"));
  }

  @Test
  void aHelperThatReadsNoInputAndPrintsALotStillWorks() throws Exception {
    assertThat(helped("printf '%200000s{\"Username\":\"<token>\",\"Secret\":\"t\"}' ' '"))
        .containsExactly(new Credential(Credential.IDENTITY_TOKEN, "t"));
  }

  @Test
  void theHelperOfAHostGoesBeforeTheStoreAndBothBeforeTheFile() throws Exception {
    helper("printf '{\"Username\":\"helped\",\"Secret\":\"s\"}'");
    assertThat(
            config(
                    "{\"credHelpers\":{\"localhost:5000\":\"of-test\"},\"credsStore\":\"none-such\","
                        + "\"auths\":{\"localhost:5000\":"
                        + auth("written", "p")
                        + "}}")
                .candidates(HOST, "app"))
        .extracting(Credential::username)
        .containsExactly("helped", "written");
  }

  @Test
  void theStoreIsAskedForDockerHubByTheNameThatDockerGivesIt() throws Exception {
    helper("read -r s; printf '{\"Username\":\"u\",\"Secret\":\"%s\"}' \"$s\"");
    assertThat(
            config("{\"credsStore\":\"of-test\"}").candidates("registry-1.docker.io", "library/a"))
        .containsExactly(new Credential("u", "https://index.docker.io/v1/"));
  }

  @Test
  void aHelperWithoutALoginForTheHostIsNoFailure() throws Exception {
    assertThat(helped("echo credentials not found in native keychain; exit 1")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "echo pa55word-of-test; echo pa55word-of-test >&2; exit 3",
        "echo pa55word-of-test",
        "echo '{\"Username\":\"u\",\"Secret\":[\"pa55word-of-test\"]}'",
        "echo '{\"Username\":\"\",\"Secret\":\"pa55word-of-test\"}'",
        "kill -9 $$",
        "exec /no/such/program",
      })
  void aHelperThatFailsOrPrintsSomethingElseIsToldWithoutItsOutput(String script) throws Exception {
    assertThatThrownBy(() -> helped(script))
        .isInstanceOf(RegistryException.LoginUnavailable.class)
        .hasMessageContainingAll("docker-credential-of-test", HOST)
        .hasMessageNotContaining(SECRET)
        .hasNoCause();
  }

  @ParameterizedTest
  @ValueSource(strings = {"none-such", "../bin/sh", ""})
  void aHelperThatIsNotInThePathIsTold(String name) throws Exception {
    DockerCredentials credentials =
        config("{\"credHelpers\":{\"localhost:5000\":\"" + name + "\"}}");
    assertThatThrownBy(() -> credentials.candidates(HOST, "app"))
        .hasMessageContaining("not in the PATH");
  }

  @Test
  void aHelperThatFailsDoesNotHideALoginOfTheFile() throws Exception {
    helper("exit 1");
    assertThat(
            config("{\"credsStore\":\"of-test\",\"auths\":{\"a\":" + auth("u", "p") + "}}")
                .candidates("a", "app"))
        .containsExactly(new Credential("u", "p"));
  }

  @Test
  void aHelperThatHangsIsKilledWithItsChildren() throws Exception {
    Path pids = directory.resolve("pids");
    helper("sleep 1000 & echo $$ $! > " + pids + "; wait");
    DockerCredentials credentials = config("{\"credsStore\":\"of-test\"}", Duration.ofSeconds(2));
    assertThatThrownBy(() -> credentials.candidates(HOST, "app"))
        .isInstanceOf(RegistryException.LoginUnavailable.class)
        .hasMessageContaining("did not end in 2 s");
    for (String pid : Files.readString(pids).strip().split(" ")) {
      var process = ProcessHandle.of(Long.parseLong(pid));
      if (process.isPresent()) {
        process.get().onExit().get(10, TimeUnit.SECONDS);
      }
    }
  }

  @Test
  void anInterruptEndsTheWaitForAHelper() throws Exception {
    Path begun = directory.resolve("begun");
    helper("echo > " + begun + "; sleep 1000");
    DockerCredentials credentials = config("{\"credsStore\":\"of-test\"}");
    var result = new CompletableFuture<List<Credential>>();
    Thread thread =
        Thread.ofVirtual()
            .start(() -> {
              try {
                result.complete(credentials.candidates(HOST, "app"));
              } catch (IOException e) {
                result.completeExceptionally(e);
              }
            });
    await("the helper to begin").until(() -> Files.exists(begun));
    thread.interrupt();
    assertThatThrownBy(() -> result.get(10, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(InterruptedIOException.class);
  }

  @Test
  void aChainHasTheLoginsOfAllInOrderAndPassesOverWhatCannotBeRead() throws Exception {
    Credential one = new Credential("one", "1");
    Credential two = new Credential("two", "2");
    Credentials broken =
        (host, name) -> {
          throw new IOException("broken");
        };
    assertThat(
            Credentials.chain(List.of((h, n) -> List.of(one), broken, (h, n) -> List.of(two, one)))
                .candidates(HOST, "app"))
        .containsExactly(one, two);
    assertThatThrownBy(
            () -> Credentials.chain(List.of(Credentials.none(), broken)).candidates(HOST, "app"))
        .hasMessage("broken");
  }
}
