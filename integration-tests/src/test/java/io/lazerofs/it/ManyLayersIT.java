package io.lazerofs.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazerofs.it.stage.Containerd;
import io.lazerofs.it.stage.Daemon;
import io.lazerofs.it.stage.Mounted;
import io.lazerofs.it.stage.OciImages;
import io.lazerofs.it.stage.OciImages.Layer;
import io.lazerofs.it.stage.Registry;
import io.lazerofs.it.stage.RegistryBlobs;
import io.lazerofs.it.stage.Snapshots;
import io.lazerofs.it.stage.Stage;
import io.lazerofs.it.stage.TarLayer;
import io.lazerofs.snapshotter.convert.LayerMediaType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Images of as many layers as there can be, every other one lazy: each lies on ordinary ones and
 * below ordinary ones. Every layer writes over one file of all, adds one to a directory of all, and
 * makes a directory anew.
 */
final class ManyLayersIT {
  /** As many as Docker builds, and as containerd's own suite mounts below an active snapshot. */
  private static final int LAYERS = 127;

  /** What mount(2) takes of options, bytes. */
  private static final int PAGE = 4096;

  @RegisterExtension static final Stage stage = new Stage();

  private static Registry registry;

  @BeforeAll
  static void start() throws IOException {
    registry = Registry.start(stage);
  }

  @Test
  void belowAShortRootTheOptionsFitIntoAPage() throws Exception {
    Path root = Path.of("/tmp/l" + ProcessHandle.current().pid());
    try (Daemon daemon = Daemon.startOn(stage, root)) {
      assertThat(mountedOptions(daemon)).hasSizeLessThan(PAGE);
    } finally {
      stage.run("rm", "-rf", "--one-file-system", root.toString()).ok();
    }
  }

  @Test
  void belowALongRootTheyFitWhenTheyAreNamedFromThere() throws Exception {
    Path root = stage.dir().resolve("r".repeat(120)).resolve("r".repeat(120));
    try (Daemon daemon = Daemon.startOn(stage, root)) {
      assertThat(mountedOptions(daemon)).hasSizeGreaterThan(PAGE);
    }
  }

  @Test
  void containerdPullsAndRunsThemAndALayerMayOccurTwice() throws Exception {
    try (var daemon = Daemon.start(stage);
        var containerd = Containerd.start(stage, daemon.socket())) {
      var mediaType =
          LayerMediaType.valueOf(containerd.layerMediaType().toUpperCase(Locale.ROOT)).mediaType();
      List<Layer> layers = new ArrayList<>(List.of(Layer.ordinary(OciImages.busybox())));
      for (int i = 1; i < LAYERS - 2; i++) {
        layers.add(isLazy(i) ? Layer.erofs(tar(i), mediaType) : Layer.ordinary(tar(i)));
      }
      layers.add(layers.get(2));
      layers.add(layers.get(1));
      var image = OciImages.layout(stage.dir().resolve("image"), layers);
      var reference = registry.push(image, "many:mixed");

      containerd.pullLazily(reference).ok();
      assertThat(daemon.status().layers()).isEqualTo(LAYERS / 2 - 1);
      var command = "cat /overwritten; cd /added; for f in *; do cat $f; done; cd /anew; echo *";
      assertThat(containerd.run("lazerofs", reference, "many", "sh", "-c", command).ok().out())
          .isEqualTo("1 was here\n" + "same\n".repeat(LAYERS - 3) + "only-1\n");

      containerd.remove(reference);
      assertThat(containerd.snapshots("lazerofs")).isEmpty();
    }
  }

  /** Makes a chain, reads it through a mount, and returns the mount's options. */
  private static String mountedOptions(Daemon daemon) throws Exception {
    try (var snapshots = Snapshots.at(daemon.socket());
        var blobs = new RegistryBlobs(registry, "many")) {
      String parent = "";
      for (int i = 1; i <= LAYERS; i++) {
        String name = "layer " + i;
        if (isLazy(i)) {
          Path image = stage.dir().resolve("layer.erofs");
          Files.write(image, Layer.erofs(tar(i), "").blob());
          snapshots.prepareLazily(name, parent, blobs.push(image));
        } else {
          try (var mounted = mount(snapshots.prepare("extract " + name, parent, Map.of()))) {
            change(mounted.directory(), i);
          }
          snapshots.commit("extract " + name, name, "");
        }
        parent = name;
      }
      var mounts = snapshots.prepare("container", parent, Map.of());
      try (var mounted = mount(mounts)) {
        assertThat(mounted.directory().resolve("overwritten")).hasContent(LAYERS + " was here\n");
        assertThat(mounted.directory().resolve("added").toFile().list()).hasSize(LAYERS);
        assertThat(mounted.directory().resolve("anew").toFile().list())
            .containsExactly("only-" + LAYERS);
      }
      snapshots.removeAll();
      return String.join(",", mounts.getFirst().getOptionsList());
    }
  }

  private static boolean isLazy(int layer) {
    return layer % 2 == 0;
  }

  /** The change that a layer is, as an archive. */
  private static byte[] tar(int layer) {
    return new TarLayer()
        .file("overwritten", layer + " was here\n")
        .directory("added")
        .file("added/" + layer, "same\n")
        .directory("anew")
        .file("anew/.wh..wh..opq", "")
        .file("anew/only-" + layer, "")
        .tar();
  }

  /** The change that a layer is, made to what is below it. */
  private static void change(Path root, int layer) throws IOException {
    Files.writeString(root.resolve("overwritten"), layer + " was here\n");
    Files.createDirectories(root.resolve("added"));
    Files.writeString(root.resolve("added/" + layer), "same\n");
    Path anew = root.resolve("anew");
    if (Files.exists(anew)) {
      Files.delete(anew.resolve("only-" + (layer - 1)));
      Files.delete(anew);
    }
    Files.createDirectory(anew);
    Files.createFile(anew.resolve("only-" + layer));
  }

  private static Mounted mount(List<io.lazerofs.snapshotter.proto.Mount> mounts)
      throws IOException {
    return Mounted.on(Files.createTempDirectory(stage.dir(), "mnt"), mounts);
  }
}
