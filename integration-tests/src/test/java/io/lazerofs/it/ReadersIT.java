package io.lazerofs.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazerofs.it.stage.Containerd;
import io.lazerofs.it.stage.Daemon;
import io.lazerofs.it.stage.OciImages;
import io.lazerofs.it.stage.Registry;
import io.lazerofs.it.stage.Stage;
import io.lazerofs.it.stage.TarLayer;
import io.lazerofs.source.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Many readers of one cold image at once fetch what one fetches. */
final class ReadersIT {
  private static final int THREADS = 50;
  private static final int CONTAINERS = 50;
  private static final double MOST = 1.02;
  private static final int DATA_BYTES = 12 << 20;
  private static final int SMALL_FILES = 300;

  @RegisterExtension static final Stage stage = new Stage();

  private static Registry registry;
  private static String image;
  private static String dataSum;

  /** Reads the layers of a daemon that serves them. */
  @FunctionalInterface
  private interface Reading {
    void read(Daemon daemon, Containerd containerd)
        throws IOException, InterruptedException, ExecutionException;
  }

  @BeforeAll
  static void start() throws IOException, InterruptedException {
    registry = Registry.start(stage);
    var random = new Random(50);
    var data = new byte[DATA_BYTES];
    random.nextBytes(data);
    dataSum = Digest.of(data).hex();
    var small = new TarLayer();
    for (int i = 0; i < SMALL_FILES; i++) {
      var content = new byte[random.nextInt(20_000)];
      random.nextBytes(content);
      small.file("small-" + i, content);
    }
    var layout =
        OciImages.layout(
            stage.dir().resolve("image"),
            OciImages.busybox(),
            new TarLayer().file("data", data).tar(),
            small.tar());
    image = registry.address() + "/readers:erofs";
    stage.convert(registry.push(layout, "readers:plain"), image, "oci").ok();
  }

  @Test
  void fiftyReadersOfAWholeColdMountFetchWhatOneFetches() throws Exception {
    long one = fetchedBy((daemon, _) -> readMount(daemon, 1));
    long all = fetchedBy((daemon, _) -> readMount(daemon, THREADS));
    assertThat(one).isGreaterThan(DATA_BYTES);
    assertThat(all).isBetween((long) DATA_BYTES, (long) (one * MOST));
  }

  @Test
  void fiftyContainersOfOneColdImageThatStartAtOnceFetchWhatOneFetches() throws Exception {
    long one = fetchedBy((_, containerd) -> runContainers(containerd, 1));
    long all = fetchedBy((_, containerd) -> runContainers(containerd, CONTAINERS));
    assertThat(one).isGreaterThan(DATA_BYTES);
    assertThat(all).isBetween((long) DATA_BYTES, (long) (one * MOST));
  }

  /** Returns how many bytes a daemon with a cold cache fetches for the image and its reading. */
  private static long fetchedBy(Reading reading)
      throws IOException, InterruptedException, ExecutionException {
    try (var daemon = Daemon.start(stage);
        var containerd = Containerd.start(stage, daemon.socket())) {
      containerd.pullLazily(image).ok();
      reading.read(daemon, containerd);
      long bytes = daemon.status().bytesFetched();
      containerd.remove(image);
      return bytes;
    }
  }

  private static void readMount(Daemon daemon, int readers)
      throws InterruptedException, ExecutionException {
    var mount = daemon.root().resolve("fs");
    var sums = atOnce(readers, number -> sumOf(mount));
    assertThat(sums.stream().distinct()).as("all read the same").hasSize(1);
  }

  /** Returns a digest of the digests of all files, which are read in a fixed order. */
  private static Digest sumOf(Path mount) throws IOException {
    List<Path> files;
    try (Stream<Path> walk = Files.walk(mount)) {
      files = walk.filter(path -> Files.isRegularFile(path)).sorted().toList();
    }
    assertThat(files).hasSizeGreaterThan(SMALL_FILES);
    var sum = Digest.sha256();
    for (var file : files) {
      sum.update(Digest.sha256().digest(Files.readAllBytes(file)));
    }
    return Digest.ofRaw(sum.digest());
  }

  private static void runContainers(Containerd containerd, int count)
      throws InterruptedException, ExecutionException {
    var ended =
        atOnce(
            count,
            number -> containerd.run("lazerofs", image, "c" + number, "sha256sum", "/data").ok());
    assertThat(ended).allSatisfy(container -> assertThat(container.out()).startsWith(dataSum));
  }

  /** What one of several does. */
  @FunctionalInterface
  private interface Part<T> {
    T run(int number) throws IOException, InterruptedException;
  }

  /** Returns what all parts return, each of which has a platform thread. */
  private static <T> List<T> atOnce(int count, Part<T> part)
      throws InterruptedException, ExecutionException {
    try (var threads = Executors.newFixedThreadPool(count)) {
      List<Callable<T>> parts =
          IntStream.range(0, count).<Callable<T>>mapToObj(i -> () -> part.run(i)).toList();
      List<T> results = new ArrayList<>();
      for (var result : threads.invokeAll(parts)) {
        results.add(result.get());
      }
      return results;
    }
  }
}
