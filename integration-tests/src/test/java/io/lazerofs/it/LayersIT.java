package io.lazerofs.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazerofs.dio.DirectIoSettings;
import io.lazerofs.erofs.ErofsImage;
import io.lazerofs.fuse.FuseOptions;
import io.lazerofs.fuse.FuseServer;
import io.lazerofs.layers.Layer;
import io.lazerofs.layers.LayerTable;
import io.lazerofs.layers.LayersFileSystem;
import io.lazerofs.source.MappedSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Many layers in one mount: what comes, what goes, and overlayfs on top. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LayersIT {
  @TempDir Path temporary;
  private final LayerTable table = new LayerTable(InstantSource.system(), DirectIoSettings.DEFAULT);
  private Path dir = Path.of("");
  private MappedSource source;
  private ErofsImage image;
  private FuseServer server;

  @BeforeEach
  void mount() throws Exception {
    source = MappedSource.open(Images.unpack("plain", temporary));
    image = ErofsImage.open(source, List.of());
    dir = Files.createDirectory(temporary.resolve("fs"));
    server =
        FuseServer.mount(
            dir,
            new LayersFileSystem(table),
            FuseOptions.defaults(),
            Executors.newVirtualThreadPerTaskExecutor());
  }

  @AfterEach
  void unmountAndLeaveNothing() throws Exception {
    server.close();
    server.awaitEnd();
    source.close();
    assertThat(server.requestsInFlight()).isZero();
    assertThat(server.replyBuffersOut()).isZero();
    assertThat(MountTable.below(temporary)).isEmpty();
  }

  @Test
  void layersComeAndGoWhileMounted() {
    assertThat(dir.toFile().list()).isEmpty();
    assertThat(dir.resolve("a")).doesNotExist();
    table.add(new Layer(1, 1, "a", image));
    assertThat(dir.resolve("a")).isDirectory();
    assertThat(dir.toFile().list()).containsExactly("a");
    table.add(new Layer(2, 2, "b", image));
    assertThat(dir.toFile().list()).containsExactly("a", "b");
    assertThat(dir.resolve("b").toFile().list())
        .isNotEmpty()
        .containsExactlyInAnyOrder(dir.resolve("a").toFile().list());
    table.remove(1);
    assertThat(dir.resolve("a")).doesNotExist();
    assertThat(dir.toFile().list()).containsExactly("b");
  }

  @Test
  void nameMayMoveToAnotherIndexAndAnIndexToAnotherGeneration() throws Exception {
    table.add(new Layer(1, 1, "a", image));
    Object first = Files.getAttribute(dir.resolve("a"), "unix:ino");
    table.remove(1);
    table.add(new Layer(2, 2, "a", image));
    assertThat(Files.getAttribute(dir.resolve("a"), "unix:ino")).isNotEqualTo(first);
    table.add(new Layer(1, 3, "again", image));
    assertThat(dir.resolve("again").toFile().list()).isNotEmpty();
  }

  @Test
  void overlayfsMergesTwoLayers() throws Exception {
    table.add(new Layer(1, 1, "a", image));
    table.add(new Layer(2, 2, "b", image));
    Path merged = Files.createDirectory(temporary.resolve("merged"));
    String lower = "lowerdir=" + dir.resolve("a") + ":" + dir.resolve("b");
    Command.run(temporary, "mount", "-t", "overlay", "-o", lower, "overlay", merged.toString());
    try {
      String[] sums = {"find", ".", "-type", "f", "-size", "-1M", "-exec", "sha256sum", "{}", "+"};
      assertThat(Command.run(merged, sums)).isNotEmpty();
      assertThat(Command.run(merged, "find", ".", "-name", "no-such-name")).isEmpty();
    } finally {
      Command.run(temporary, "umount", merged.toString());
    }
  }
}
