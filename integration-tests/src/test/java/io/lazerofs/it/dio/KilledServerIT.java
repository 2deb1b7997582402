package io.lazerofs.it.dio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lazerofs.it.MountTable;
import io.lazerofs.it.proxy.Fault;
import io.lazerofs.it.proxy.Line;
import io.lazerofs.it.proxy.ThrottlingProxy;
import io.lazerofs.it.stage.OciImages;
import io.lazerofs.it.stage.Registry;
import io.lazerofs.it.stage.Service;
import io.lazerofs.it.stage.Stage;
import io.lazerofs.it.stage.TarLayer;
import io.lazerofs.it.tree.RawFiles;
import io.lazerofs.it.tree.SystemCallFailure;
import io.lazerofs.it.tree.VectorFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A server that is killed while readers wait for it. */
final class KilledServerIT {
  private static final int READERS = 100;
  private static final int SPACING = 256 << 10;
  private static final int BLOCK = 4096;

  /** EIO, ECONNABORTED, ENOTCONN. */
  private static final Set<Integer> ENDS = Set.of(5, 103, 107);

  @RegisterExtension static final Stage stage = new Stage();

  private static Registry registry;
  private static ThrottlingProxy proxy;

  @BeforeAll
  static void start() throws IOException {
    registry = Registry.start(stage);
    proxy = stage.keep(ThrottlingProxy.start(registry.address(), Line.CLEAR));
  }

  @Test
  void S1_8_readersOfAKilledServerFailAndNoneHangs() throws Exception {
    String image = proxy.address() + "/killed:erofs";
    convert(image);
    String state = stage.dir().resolve("state").toString();
    Path point = Files.createDirectory(stage.dir().resolve("point"));
    Service server =
        stage.startLazerofs(
            "mount", "mount", "--foreground", "--root", state, image, point.toString());
    server.awaitLog(Pattern.compile("is mounted on"));
    Path control = Files.createDirectory(stage.dir().resolve("control"));
    RawFiles.mount("fusectl", control.toString(), "fusectl", 0, "");
    try (VectorFile file = VectorFile.open(point.resolve("data").toString(), true);
        ExecutorService threads = Executors.newFixedThreadPool(READERS)) {
      proxy.spoil(LazyStand.BLOBS, new Fault.Stall(0, Duration.ofMinutes(2)));
      List<Future<Integer>> readers = new ArrayList<>();
      for (int i = 0; i < READERS; i++) {
        long offset = (long) i * SPACING + SPACING / 2;
        readers.add(threads.submit(() -> errno(file, offset)));
      }
      Path waiting = control.resolve(connection()).resolve("waiting");
      await("all readers to wait")
          .atMost(Duration.ofSeconds(60))
          .until(() -> Integer.parseInt(Files.readString(waiting).strip()) >= READERS);
      assertThat(readers).noneMatch(Future::isDone);

      server.kill();

      for (Future<Integer> reader : readers) {
        assertThat(reader.get(30, TimeUnit.SECONDS)).isIn(ENDS);
      }
    } finally {
      RawFiles.unmount(control.toString());
    }
    proxy.heal();
    stage.lazerofs("umount", "--root", state, point.toString()).ok();
    assertThat(point).isEmptyDirectory();
  }

  private static void convert(String image) throws IOException, InterruptedException {
    byte[] data = new byte[READERS * SPACING];
    new Random(READERS).nextBytes(data);
    Path layout =
        OciImages.layout(stage.dir().resolve("layout"), new TarLayer().file("data", data).tar());
    String plain = registry.push(layout, "killed:plain");
    stage.convert(plain, image, "oci").ok();
  }

  /** Returns the number by which the kernel knows the server's connection. */
  private static String connection() throws IOException {
    return MountTable.below(stage.dir()).stream()
        .filter(line -> line.contains(" fuse.lazerofs "))
        .map(line -> line.split(" ", -1)[2].replaceFirst("^\\d+:", ""))
        .findFirst()
        .orElseThrow();
  }

  /** Returns the errno of a read, 0 when it succeeds. */
  private static int errno(VectorFile file, long offset) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      file.read(arena.allocate(BLOCK, BLOCK), offset);
      return 0;
    } catch (SystemCallFailure e) {
      return e.errno();
    }
  }
}
