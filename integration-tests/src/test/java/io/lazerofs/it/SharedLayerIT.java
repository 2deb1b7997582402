package io.lazerofs.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazerofs.it.proxy.Exchange;
import io.lazerofs.it.proxy.Line;
import io.lazerofs.it.proxy.ThrottlingProxy;
import io.lazerofs.it.stage.Containerd;
import io.lazerofs.it.stage.Daemon;
import io.lazerofs.it.stage.OciImages;
import io.lazerofs.it.stage.Registry;
import io.lazerofs.it.stage.Stage;
import io.lazerofs.it.stage.TarLayer;
import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Two images that share their lower layers: what one has pushed or fetched, the other does not. */
final class SharedLayerIT {
  private static final int SHARED_BYTES = 6 << 20;

  /** What a pull reads of a layer to see whether its registry serves ranges. */
  private static final int PROBE_BYTES = 4096;

  @RegisterExtension static final Stage stage = new Stage();

  private static Registry registry;
  private static ThrottlingProxy proxy;
  private static Containerd containerd;

  @BeforeAll
  static void start() throws IOException, InterruptedException {
    registry = Registry.start(stage);
    proxy = stage.keep(ThrottlingProxy.start(registry.address(), Line.CLEAR));
    containerd = Containerd.start(stage, Daemon.start(stage).socket());
  }

  @Test
  void aSharedLayerIsPushedOnceAndFetchedOnce() throws IOException, InterruptedException {
    var content = new byte[SHARED_BYTES];
    new Random(7).nextBytes(content);
    var shared = new TarLayer().file("shared.bin", content).tar();
    var busybox = OciImages.busybox();
    for (var name : new String[] {"one", "two"}) {
      var own = new TarLayer().file("name", name).tar();
      var dir = stage.dir().resolve(name);
      registry.push(OciImages.layout(dir, busybox, shared, own), "shared:" + name);
    }
    convert("one");
    var blob = registry.layers("shared:one-erofs").get(1);
    proxy.forget();
    convert("two");
    assertThat(registry.layers("shared:two-erofs").get(1)).isEqualTo(blob);
    assertThat(proxy.exchanges())
        .as("a blob that the registry has is not pushed again")
        .noneMatch(e -> e.method().equals("PUT") && e.path().contains(blob.digest().hex()));

    proxy.forget();
    for (var name : new String[] {"one", "two"}) {
      containerd.pullLazily(reference(name + "-erofs")).ok();
      var sum = containerd.run("lazerofs", reference(name + "-erofs"), name, "cat", "/name");
      assertThat(sum.ok().out()).isEqualTo(name);
      containerd
          .run("lazerofs", reference(name + "-erofs"), name, "dd", "if=/shared.bin", "of=/dev/null")
          .ok();
    }
    assertThat(fetched(blob))
        .as("each byte once: %s", proxy.exchanges())
        .isBetween((long) SHARED_BYTES, blob.size() + PROBE_BYTES);

    containerd.remove(reference("one-erofs"));
    assertThat(containerd.run("lazerofs", reference("two-erofs"), "two", "cat", "/name").ok().out())
        .as("what the other image still needs stays")
        .isEqualTo("two");
    containerd.remove(reference("two-erofs"));
    assertThat(containerd.snapshots("lazerofs")).isEmpty();
  }

  private static void convert(String name) throws IOException, InterruptedException {
    stage.convert(reference(name), reference(name + "-erofs"), containerd.layerMediaType()).ok();
  }

  private static String reference(String tag) {
    return proxy.address() + "/shared:" + tag;
  }

  private static long fetched(Registry.Layer blob) {
    return proxy.exchanges().stream()
        .filter(e -> e.method().equals("GET") && e.path().contains(blob.digest().hex()))
        .mapToLong(Exchange::bytes)
        .sum();
  }
}
