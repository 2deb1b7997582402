package io.lazerofs.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lazerofs.it.stage.Containerd;
import io.lazerofs.it.stage.Daemon;
import io.lazerofs.it.stage.OciImages;
import io.lazerofs.it.stage.Registry;
import io.lazerofs.it.stage.Registry.Login;
import io.lazerofs.it.stage.Secrets;
import io.lazerofs.it.stage.Stage;
import io.lazerofs.it.stage.TarLayer;
import io.lazerofs.it.stage.TokenServer;
import io.lazerofs.source.Digest;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * docker-registry with token authentication, and tokens that live for three seconds. The daemon
 * logs all that it can, and has its logins from a mounted Kubernetes secret.
 */
final class TokenLoginIT {
  private static final Login FIRST = new Login("reader", "correct-horse-battery");
  private static final Login CHANGED = new Login("reader", "another-horse-staple");
  private static final Duration LIFE = Duration.ofSeconds(3);
  private static final int BLOCK = 64 << 10;

  /** Blocks that are read lie so far apart that no read-ahead has the next. */
  private static final int STRIDE = 32;

  private static final int BLOCKS = 8 * STRIDE;

  @RegisterExtension static final Stage stage = new Stage();

  private static final byte[] content = new byte[BLOCKS * BLOCK];
  private static TokenServer tokens;
  private static Registry registry;

  @BeforeAll
  static void start() throws Exception {
    long seed = new Random().nextLong();
    System.out.println("content of TokenLoginIT: seed " + seed);
    new Random(seed).nextBytes(content);
    tokens = TokenServer.start(stage, FIRST, LIFE);
    registry = Registry.start(stage, tokens);
    var image =
        OciImages.layout(
            stage.dir().resolve("image"),
            OciImages.busybox(),
            new TarLayer().file("big", content).tar());
    registry.push(image, "private:plain");
    var logback =
        Files.writeString(
            stage.dir().resolve("trace.xml"),
            """
            <configuration>
              <appender name="stderr" class="ch.qos.logback.core.ConsoleAppender">
                <target>System.err</target>
                <encoder><pattern>%-5level %logger{0}: %message%n%ex</pattern></encoder>
              </appender>
              <root level="TRACE"><appender-ref ref="stderr"/></root>
            </configuration>
            """);
    stage.setEnvironment("LAZEROFS_JAVA_OPTS", "-Dlogback.configurationFile=" + logback);
  }

  private static String reference(String tag) {
    return registry.address() + "/private:" + tag;
  }

  /** Replaces the mounted secret as the kubelet does. */
  private static Path mountSecret(Login login) throws IOException {
    var volume = Files.createDirectories(stage.dir().resolve("secret"));
    var data = Files.createTempDirectory(volume, "..");
    // The test's registry is 127.0.0.1:PORT.
    var key = registry.address().replace("127.0.0.1", "127.*.0.?") + "/private";
    Files.writeString(
        data.resolve(".dockerconfigjson"),
        "{\"auths\": {\"%s\": {\"username\": \"%s\", \"password\": \"%s\"}}}"
            .formatted(key, login.user(), login.password()));
    var link = volume.resolve("..data_tmp");
    Files.createSymbolicLink(link, data.getFileName());
    Files.move(link, volume.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
    var file = volume.resolve(".dockerconfigjson");
    if (!Files.isSymbolicLink(file)) {
      Files.createSymbolicLink(file, Path.of("..data/.dockerconfigjson"));
    }
    return file;
  }

  @Test
  void aColdImageIsReadOverManyTokenLivesWhateverBecomesOfTheTokenService() throws Exception {
    tokens.change(FIRST);
    stage.dockerLogin(registry.address(), FIRST);
    var secret = mountSecret(FIRST);
    try (var daemon = Daemon.start(stage, "registry.docker_config = \"" + secret + "\"\n");
        var containerd = Containerd.start(stage, daemon.socket())) {
      stage.convert(reference("plain"), reference("erofs"), containerd.layerMediaType()).ok();
      containerd.pullLazily(reference("erofs")).ok();
      try (var reader = new Reader(containerd, reference("erofs"))) {
        for (int i = 7; i >= 4; i--) {
          awaitEndOfTokens();
          int before = tokens.tokens().size();
          assertThat(reader.read(i).get(1, TimeUnit.MINUTES)).isEqualTo(expected(i));
          assertThat(tokens.tokens()).as("tokens").hasSizeGreaterThan(before);
        }

        awaitEndOfTokens();
        tokens.setDown(true);
        var late = reader.read(3);
        await("the daemon to try again").until(() -> tokens.failures() >= 3);
        assertThat(late).isNotDone();
        tokens.setDown(false);
        assertThat(late.get(1, TimeUnit.MINUTES)).isEqualTo(expected(3));

        awaitEndOfTokens();
        tokens.change(CHANGED);
        assertThat(reader.read(2).get(1, TimeUnit.MINUTES)).as("EIO").isEqualTo(hash(new byte[0]));
        assertThat(tokens.refusals()).isPositive();
        assertThat(daemon.service().log()).contains("refuses access to private");
        mountSecret(CHANGED);
        assertThat(reader.read(2).get(1, TimeUnit.MINUTES)).isEqualTo(expected(2));
        awaitEndOfTokens();
        assertThat(reader.read(1).get(1, TimeUnit.MINUTES)).isEqualTo(expected(1));
      }
      containerd.remove(reference("erofs"));
      assertThat(daemon.service().log()).contains("DEBUG");
      new Secrets(stage, tokens.tokens(), FIRST, CHANGED)
          .assertNowhereBut(daemon, stage.dir().resolve("docker"), stage.dir().resolve("secret"));
    }
  }

  @Test
  void aCredentialHelperGivesTheLoginAndItsFailureIsToldInOneLine() throws Exception {
    tokens.change(FIRST);
    var helpers = Files.createDirectories(stage.dir().resolve("helpers"));
    var helper = helpers.resolve("docker-credential-of-test");
    stage.setEnvironment("PATH", helpers + ":" + System.getenv("PATH"));
    Files.createDirectories(stage.dir().resolve("docker"));
    Files.writeString(
        stage.dir().resolve("docker/config.json"),
        "{\"credHelpers\": {\"" + registry.address() + "\": \"of-test\"}}");
    Files.writeString(
        helper,
        """
        #!/bin/sh
        read -r server
        printf '{"ServerURL":"%%s","Username":"%s","Secret":"%s"}' "$server"
        """
            .formatted(FIRST.user(), FIRST.password()));
    Files.setPosixFilePermissions(helper, PosixFilePermissions.fromString("rwx------"));
    stage.convert(reference("plain"), reference("helped"), "oci").ok();

    Files.writeString(helper, "#!/bin/sh\necho " + FIRST.password() + "; exit 1\n");
    var line = stage.convert(reference("plain"), reference("refused"), "oci").failedWith(1);
    assertThat(line)
        .contains(registry.address(), "docker-credential-of-test", "status 1")
        .doesNotContain(FIRST.password());
  }

  private static void awaitEndOfTokens() {
    await("the tokens to end").atMost(Duration.ofSeconds(30)).until(tokens::allOver);
  }

  private static String expected(int read) {
    int offset = read * STRIDE * BLOCK;
    return hash(Arrays.copyOfRange(content, offset, offset + BLOCK));
  }

  private static String hash(byte[] bytes) {
    return Digest.of(bytes).toString().substring("sha256:".length());
  }

  /** A container that reads blocks of its image's file and tells their hashes. */
  private static final class Reader implements AutoCloseable {
    private final Process process;
    private final Writer questions;
    private final BufferedReader answers;

    Reader(Containerd containerd, String reference) throws IOException {
      var script =
          "while read n; do dd if=/big bs=%d skip=$n count=1 2>/dev/null | sha256sum; done";
      process =
          containerd.talk("lazerofs", reference, "reader", "sh", "-c", script.formatted(BLOCK));
      questions = process.outputWriter();
      answers = process.inputReader();
    }

    CompletableFuture<String> read(int number) throws IOException {
      questions.write(number * STRIDE + "\n");
      questions.flush();
      return CompletableFuture.supplyAsync(() -> {
        try {
          return String.valueOf(answers.readLine()).split(" ", 2)[0];
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      });
    }

    @Override
    public void close() throws IOException, InterruptedException {
      questions.close();
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).as("the container ends").isTrue();
    }
  }
}
