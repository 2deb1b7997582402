package io.lazerofs.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazerofs.it.stage.OciImages;
import io.lazerofs.it.stage.Registry;
import io.lazerofs.it.stage.Stage;
import io.lazerofs.it.stage.TarLayer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Images of a registry, mounted as one read-only tree without containerd. */
final class MountImageIT {
  /** More layers than their absolute paths would leave room for in a page of mount options. */
  private static final int MANY_LAYERS = 60;

  @RegisterExtension static final Stage stage = new Stage();

  private static Registry registry;

  @BeforeAll
  static void start() throws IOException {
    registry = Registry.start(stage);
  }

  @Test
  void layersAreMergedAndWhatAnUpperOneRemovedIsGone() throws IOException, InterruptedException {
    var lower = new TarLayer().directory("d").file("d/old", "1").file("d/kept", "2").tar();
    var upper = new TarLayer().file("d/.wh.old", "").file("d/new", "3").tar();
    Path point = mount("merged", lower, upper);
    assertThat(point.resolve("d/old")).doesNotExist();
    assertThat(point.resolve("d/kept")).hasContent("2");
    assertThat(point.resolve("d/new")).hasContent("3");
    assertThat(Files.isWritable(point.resolve("d"))).isFalse();
    unmount(point);
  }

  @Test
  void anImageOfOneLayerIsMountedToo() throws IOException, InterruptedException {
    Path point = mount("single", new TarLayer().file("only", "here").tar());
    assertThat(point.resolve("only")).hasContent("here");
    unmount(point);
  }

  @Test
  void manyLayersFitIntoOneMount() throws IOException, InterruptedException {
    var layers = new byte[MANY_LAYERS][];
    for (int i = 0; i < MANY_LAYERS; i++) {
      layers[i] = new TarLayer().file("f" + i, "of layer " + i).file("top", "" + i).tar();
    }
    Path point = mount("many", layers);
    assertThat(point.resolve("f0")).hasContent("of layer 0");
    assertThat(point.resolve("f" + (MANY_LAYERS - 1))).exists();
    assertThat(point.resolve("top")).hasContent("" + (MANY_LAYERS - 1));
    unmount(point);
  }

  @Test
  void anImageThatIsNotConvertedIsNamed() throws IOException, InterruptedException {
    Path layout =
        OciImages.layout(stage.dir().resolve("plain"), new TarLayer().file("f", "x").tar());
    registry.push(layout, "plain:latest");
    Path point = Files.createDirectory(stage.dir().resolve("plain-point"));
    String line =
        stage
            .lazerofs("mount", "--root", root(), registry.address() + "/plain", point.toString())
            .failedWith(1);
    assertThat(line).contains("plain").contains("convert");
    assertThat(point).isEmptyDirectory();
  }

  private static Path mount(String name, byte[]... layers)
      throws IOException, InterruptedException {
    registry.push(OciImages.layout(stage.dir().resolve(name), layers), name + ":plain");
    String reference = registry.address() + "/" + name;
    stage.convert(reference + ":plain", reference + ":erofs", "erofs").ok();
    Path point = Files.createDirectory(stage.dir().resolve(name + "-point"));
    stage.lazerofs("mount", "--root", root(), reference + ":erofs", point.toString()).ok();
    return point;
  }

  private static void unmount(Path point) throws IOException, InterruptedException {
    stage.lazerofs("umount", "--root", root(), point.toString()).ok();
    assertThat(point).isEmptyDirectory();
  }

  private static String root() {
    return stage.dir().resolve("state").toString();
  }
}
