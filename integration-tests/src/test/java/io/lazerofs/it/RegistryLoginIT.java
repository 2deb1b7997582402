package io.lazerofs.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazerofs.it.stage.Containerd;
import io.lazerofs.it.stage.Daemon;
import io.lazerofs.it.stage.OciImages;
import io.lazerofs.it.stage.Registry;
import io.lazerofs.it.stage.Stage;
import io.lazerofs.it.stage.TarLayer;
import java.io.IOException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A registry with basic authentication, and logins in docker's config.json. */
final class RegistryLoginIT {
  private static final Registry.Login LOGIN = new Registry.Login("reader", "correct horse battery");
  // bcrypt, cost 4, of the password above; docker-registry takes no other hash.
  private static final String HTPASSWD =
      "reader:$2b$04$LazerofsTestSaltAbcdeOFTpnZMUp5u.cmFRY4Yd/q6r7Bm9ws8e";

  @RegisterExtension static final Stage stage = new Stage();

  private static Registry registry;

  @BeforeAll
  static void start() throws IOException, InterruptedException {
    registry = Registry.start(stage, LOGIN, HTPASSWD);
    var image =
        OciImages.layout(
            stage.dir().resolve("image"), OciImages.busybox(), new TarLayer().file("f", "x").tar());
    registry.push(image, "private:plain");
  }

  @Test
  void theLoginOfDockersConfigurationIsUsedToConvertPullAndRead()
      throws IOException, InterruptedException {
    stage.dockerLogin(registry.address(), LOGIN);
    try (var daemon = Daemon.start(stage);
        var containerd = Containerd.start(stage, daemon.socket())) {
      var type = containerd.layerMediaType();
      stage.convert(reference("plain"), reference("erofs"), type).ok();
      containerd.pullLazily(reference("erofs")).ok();
      assertThat(containerd.run("lazerofs", reference("erofs"), "c", "cat", "/f").ok().out())
          .isEqualTo("x");
      containerd.remove(reference("erofs"));
      assertThat(daemon.service().log()).doesNotContain(LOGIN.password());
    }
  }

  @Test
  void aWrongPasswordIsRefusedInOneLineThatDoesNotShowIt()
      throws IOException, InterruptedException {
    var wrong = new Registry.Login("reader", "wrong horse");
    stage.dockerLogin(registry.address(), wrong);
    var line = stage.convert(reference("plain"), reference("refused"), "oci").failedWith(1);
    assertThat(line).contains(registry.address()).contains("401").doesNotContain("wrong horse");
  }

  @Test
  void withoutALoginThePullIsRefused() throws IOException, InterruptedException {
    stage.dockerLogin("elsewhere.invalid", LOGIN);
    var line = stage.convert(reference("plain"), reference("refused"), "oci").failedWith(1);
    assertThat(line).contains(registry.address()).contains("401");
  }

  private static String reference(String tag) {
    return registry.address() + "/private:" + tag;
  }
}
