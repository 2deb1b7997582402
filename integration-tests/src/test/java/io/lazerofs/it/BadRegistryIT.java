package io.lazerofs.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazerofs.it.proxy.Fault;
import io.lazerofs.it.proxy.Line;
import io.lazerofs.it.proxy.ThrottlingProxy;
import io.lazerofs.it.stage.Containerd;
import io.lazerofs.it.stage.Daemon;
import io.lazerofs.it.stage.Finished;
import io.lazerofs.it.stage.OciImages;
import io.lazerofs.it.stage.Registry;
import io.lazerofs.it.stage.Stage;
import io.lazerofs.it.stage.TarLayer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Registries that refuse, lose, spoil or are not there. */
final class BadRegistryIT {
  @RegisterExtension static final Stage stage = new Stage();

  private static Registry registry;
  private static ThrottlingProxy proxy;
  private static Containerd containerd;
  private static Registry.Layer plainLayer;
  private static Registry.Layer erofsLayer;

  @BeforeAll
  static void start() throws IOException, InterruptedException {
    registry = Registry.start(stage);
    proxy = stage.keep(ThrottlingProxy.start(registry.address(), Line.CLEAR));
    containerd = Containerd.start(stage, Daemon.start(stage).socket());
    var data = new byte[4 << 20];
    new Random(17).nextBytes(data);
    var image =
        OciImages.layout(
            stage.dir().resolve("image"),
            OciImages.busybox(),
            new TarLayer().file("data", data).tar());
    registry.push(image, "bad:plain");
    stage.convert(reference("plain"), reference("erofs"), containerd.layerMediaType()).ok();
    plainLayer = registry.layers("bad:plain").getLast();
    erofsLayer = registry.layers("bad:erofs").getLast();
  }

  @AfterEach
  void heal() throws IOException {
    proxy.heal();
  }

  @Test
  void aMissingBlobFailsTheConversion() throws IOException, InterruptedException {
    proxy.spoil(blob(plainLayer), new Fault.Refuse(404));
    assertThat(conversionFails()).contains(plainLayer.digest().hex()).contains("not found");
  }

  @Test
  void aRefusedLoginFailsTheConversion() throws IOException, InterruptedException {
    for (int status : new int[] {401, 403}) {
      proxy.spoil(Pattern.compile("^/v2/bad/"), new Fault.Refuse(status));
      assertThat(conversionFails()).contains(Integer.toString(status));
      proxy.heal();
    }
  }

  @Test
  void aBlobThatIsNotItsDigestFailsTheConversion() throws IOException, InterruptedException {
    proxy.spoil(blob(plainLayer), new Fault.Invert(plainLayer.size() / 2));
    assertThat(conversionFails()).contains(plainLayer.digest().hex());
  }

  @Test
  void aManifestThatIsNotItsDigestFailsThePull() throws IOException, InterruptedException {
    var config = Pattern.compile("/blobs/sha256:(?!" + erofsLayer.digest().hex() + ")");
    proxy.spoil(config, new Fault.Invert(20));
    pullFails(reference("erofs"));
  }

  @Test
  void anImageThatIsNotThereIsNamed() throws IOException, InterruptedException {
    assertThat(pullFails(reference("no-such-tag"))).contains("no-such-tag");
    assertThat(convert(reference("no-such-tag")).failedWith(1)).contains("no-such-tag");
  }

  @Test
  void aRegistryThatIsNotThereIsNamed() throws IOException, InterruptedException {
    var nobody = nobody();
    assertThat(convert(nobody + "/bad:plain").failedWith(1)).contains(nobody);
    assertThat(pullFails(nobody + "/bad:erofs")).contains(nobody);
  }

  @Test
  void aReferenceThatIsNoneIsRefused() throws IOException, InterruptedException {
    assertThat(convert(reference("x@sha256:12")).failedWith(1)).contains("x@sha256:12");
    assertThat(convert("oci:" + stage.dir().resolve("no-layout")).failedWith(1))
        .contains("no-layout");
  }

  @Test
  void containerdThatIsNotThereIsNamed() throws IOException, InterruptedException {
    var socket = stage.dir().resolve("nobody.sock").toString();
    assertThat(stage.lazerofs("pull", reference("erofs"), "--containerd", socket).failedWith(1))
        .contains(socket);
  }

  @Test
  void aBlobThatIsLostAfterThePullIsAnErrorToItsReaderAndNotZeros()
      throws IOException, InterruptedException {
    containerd.pullLazily(reference("erofs")).ok();
    proxy.spoil(blob(erofsLayer), new Fault.Refuse(404));
    var lost = readData("lost");
    assertThat(lost.status()).isNotZero();
    assertThat(lost.out()).isEmpty();
    proxy.heal();
    assertThat(readData("found").ok().out())
        .as("a failed range stays absent, and is fetched later")
        .hasSize(4096);
    containerd.remove(reference("erofs"));
  }

  /** Reads a block from the middle of a file that a pull does not fetch. */
  private static Finished readData(String id) throws IOException, InterruptedException {
    var sum = "dd if=/data bs=4096 skip=512 count=1 2>/dev/null | base64 -w0 | head -c 4096";
    return containerd.run(
        "lazerofs", reference("erofs"), id, "sh", "-c", "set -o pipefail; " + sum);
  }

  private static String pullFails(String reference) throws IOException, InterruptedException {
    var line = containerd.pullLazily(reference).failedWith(1);
    assertThat(containerd.ctr("images", "list", "--quiet").ok().out()).isEmpty();
    assertThat(containerd.snapshots("lazerofs")).isEmpty();
    return line;
  }

  /** Holds that a conversion fails and leaves neither an image nor a temporary file. */
  private static String conversionFails() throws IOException, InterruptedException {
    var line = convert(reference("plain")).failedWith(1);
    assertThat(
            stage.run("skopeo", "inspect", "--tls-verify=false", "docker://" + result()).status())
        .as("no half-written image")
        .isNotZero();
    assertThat(filesBelow(stage.dir().resolve("convert"))).isEmpty();
    return line;
  }

  private static Finished convert(String source) throws IOException, InterruptedException {
    return stage.convert(source, result(), "oci");
  }

  private static String result() {
    return registry.address() + "/bad:result";
  }

  private static String reference(String tag) {
    return proxy.address() + "/bad:" + tag;
  }

  private static Pattern blob(Registry.Layer layer) {
    return Pattern.compile("/blobs/" + layer.digest());
  }

  private static List<Path> filesBelow(Path dir) throws IOException {
    try (Stream<Path> files = Files.walk(dir)) {
      return files.filter(Files::isRegularFile).toList();
    }
  }

  /** Host and port where nobody listens. */
  private static String nobody() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return "127.0.0.1:" + socket.getLocalPort();
    }
  }
}
