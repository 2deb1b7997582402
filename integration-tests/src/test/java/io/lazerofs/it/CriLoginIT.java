package io.lazerofs.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.StatusRuntimeException;
import io.lazerofs.it.cri.AuthConfig;
import io.lazerofs.it.stage.Containerd;
import io.lazerofs.it.stage.Daemon;
import io.lazerofs.it.stage.Kubelet;
import io.lazerofs.it.stage.OciImages;
import io.lazerofs.it.stage.Registry;
import io.lazerofs.it.stage.Registry.Login;
import io.lazerofs.it.stage.Secrets;
import io.lazerofs.it.stage.Stage;
import io.lazerofs.it.stage.TarLayer;
import io.lazerofs.it.stage.TokenServer;
import io.lazerofs.source.Digest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A registry with logins that the daemon knows only from the kubelet's pulls, which come through
 * its image service. The daemon logs all that it can.
 */
final class CriLoginIT {
  private static final Login LOGIN = new Login("puller", "correct-mule-battery");
  private static final Login WRONG = new Login("puller", "incorrect-mule-battery");
  private static final Login CHANGED = new Login("puller", "another-mule-staple");
  private static final int BLOCK = 64 << 10;

  /** Blocks that are read lie so far apart that no read-ahead has the next. */
  private static final int STRIDE = 32;

  @RegisterExtension static final Stage stage = new Stage();

  private static final byte[] content = new byte[6 * STRIDE * BLOCK];

  private static TokenServer tokens;
  private static String image;

  @BeforeAll
  static void start() throws Exception {
    long seed = new Random().nextLong();
    System.out.println("content of CriLoginIT: seed " + seed);
    new Random(seed).nextBytes(content);
    tokens = TokenServer.start(stage, LOGIN, Duration.ofSeconds(2));
    var registry = Registry.start(stage, tokens);
    registry.push(
        OciImages.layout(
            stage.dir().resolve("image"),
            List.of("busybox", "sleep", "100000"),
            OciImages.busybox(),
            new TarLayer().file("big", content).tar()),
        "private:plain");
    image = registry.address() + "/private:erofs";
    stage.dockerLogin(registry.address(), LOGIN);
    stage.convert(registry.address() + "/private:plain", image, "oci").ok();
    Files.delete(stage.dir().resolve("docker/config.json"));
  }

  @Test
  void aPullsLoginIsKeptInMemoryForReadsAndRenewedByTheNextPull() throws Exception {
    stage.setEnvironment("LAZEROFS_JAVA_OPTS", "-Dlogback.configurationFile=" + logAll());

    var imageService = stage.dir().resolve("images.sock");
    var link = stage.dir().resolve("containerd.sock");
    var settings =
        "[cri]\nimage_service = \"%s\"\ncontainerd = \"%s\"\n".formatted(imageService, link);
    try (var daemon = Daemon.start(stage, settings);
        var containerd = Containerd.startWithCri(stage, daemon, image)) {
      try (var early = Kubelet.of(imageService, imageService)) {
        assertThatThrownBy(early::imageList).hasMessageContaining("UNAVAILABLE");
        Files.createSymbolicLink(link, containerd.socket());
        await("containerd to be found")
            .ignoreExceptions()
            .untilAsserted(() -> assertThat(early.imageList()).isEmpty());
      }
      assertThat(Files.getPosixFilePermissions(imageService)).hasSize(2);
      try (var kubelet = Kubelet.of(containerd.socket(), imageService)) {
        assertThat(kubelet.imageFileSystems()).isNotEmpty();
        assertThatThrownBy(() -> kubelet.pull(image, password(WRONG)))
            .isInstanceOf(StatusRuntimeException.class);
        kubelet.pull(image, inBase64(LOGIN));
        assertThat(daemon.status().layers()).isEqualTo(2);

        var pod = kubelet.run("pod", Files.createDirectory(stage.dir().resolve("logs")));
        var container = pod.start("app", image, "busybox", "sleep", "100000");
        awaitEnd(tokens);
        int before = tokens.tokens().size();
        assertThat(read(container, 4)).isEqualTo(expected(4));
        assertThat(tokens.tokens()).as("tokens").hasSizeGreaterThan(before);

        awaitEnd(tokens);
        tokens.change(CHANGED);
        assertThat(read(container, 3)).as("EIO").isEqualTo(hash(new byte[0]));
        kubelet.pull(image, password(CHANGED));
        assertThat(read(container, 3)).isEqualTo(expected(3));
        awaitEnd(tokens);
        assertThat(read(container, 2)).isEqualTo(expected(2));

        container.remove();
        pod.remove();
        kubelet.removeImage(image);
      }
      await("the garbage collector")
          .untilAsserted(() -> assertThat(daemon.status().layers()).isZero());
      assertThat(daemon.service().log()).contains("TRACE", "the image service at");
      new Secrets(stage, tokens.tokens(), LOGIN, CHANGED).assertNowhereBut(daemon);
    }
  }

  private static Path logAll() throws Exception {
    return Files.writeString(
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
  }

  private static AuthConfig password(Login login) {
    return AuthConfig.newBuilder().setUsername(login.user()).setPassword(login.password()).build();
  }

  private static AuthConfig inBase64(Login login) {
    var both = login.user() + ":" + login.password();
    return AuthConfig.newBuilder()
        .setAuth(Base64.getEncoder().encodeToString(both.getBytes(UTF_8)))
        .build();
  }

  private static void awaitEnd(TokenServer tokens) {
    await("the tokens to end").atMost(Duration.ofSeconds(30)).until(tokens::allOver);
  }

  private static String read(Kubelet.Container container, int number) {
    var command = "dd if=/big bs=%d skip=%d count=1 2>/dev/null | sha256sum";
    return container
        .exec("sh", "-c", command.formatted(BLOCK, number * STRIDE))
        .getStdout()
        .toStringUtf8()
        .split(" ", 2)[0];
  }

  private static String expected(int number) {
    int offset = number * STRIDE * BLOCK;
    return hash(Arrays.copyOfRange(content, offset, offset + BLOCK));
  }

  private static String hash(byte[] bytes) {
    return Digest.of(bytes).hex();
  }
}
