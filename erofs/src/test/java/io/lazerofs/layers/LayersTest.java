package io.lazerofs.layers;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazerofs.dio.DirectIoSettings;
import io.lazerofs.erofs.ErofsImage;
import io.lazerofs.erofs.UnsupportedFeatureException;
import io.lazerofs.fuse.Attributes;
import io.lazerofs.fuse.Entry;
import io.lazerofs.fuse.FileSystem;
import io.lazerofs.fuse.NodeException;
import io.lazerofs.source.AbsentException;
import io.lazerofs.source.MappedSource;
import io.lazerofs.source.Waiting;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LayersTest {
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

  @TempDir Path temporary;
  private MappedSource source;
  private ErofsImage image;
  private final LayerTable table =
      new LayerTable(InstantSource.fixed(NOW), DirectIoSettings.DEFAULT);
  private final LayersFileSystem files = new LayersFileSystem(table);

  @BeforeEach
  void open() throws IOException {
    Path file = temporary.resolve("image");
    try (InputStream packed = LayersTest.class.getResourceAsStream("/erofs/plain.erofs.gz")) {
      Files.copy(new GZIPInputStream(packed), file);
    }
    source = MappedSource.open(file);
    image = ErofsImage.open(source, List.of());
  }

  @AfterEach
  void close() {
    source.close();
  }

  private static List<String> names(FileSystem files, long directory, int most) throws IOException {
    List<String> names = new ArrayList<>();
    long[] position = {0};
    int before;
    do {
      before = names.size();
      int[] room = {most};
      files.list(
          directory,
          position[0],
          (name, _, _, next) -> {
            if (room[0]-- == 0) {
              return false;
            }
            names.add(new String(name.toArray(ValueLayout.JAVA_BYTE), UTF_8));
            position[0] = next;
            return true;
          });
    } while (names.size() > before);
    return names;
  }

  @Test
  void nodeIdsHoldLayerAndNid() throws IOException {
    long[] nids = {
      0, 36, (1L << 47) - 1, -1, -36, -1L << 46, 1L << 63, 1L << 63 | 36, 1L << 63 | (1L << 46) - 1
    };
    for (long nid : nids) {
      long node = NodeId.of(8191, nid);
      assertThat(node).isPositive();
      assertThat(NodeId.layer(node)).isEqualTo(8191);
      assertThat(NodeId.nid(node)).isEqualTo(nid);
    }
    long[] wide = {1L << 47, 1L << 62, (-1L << 46) - 1, 1L << 63 | 1L << 46};
    for (long nid : wide) {
      assertThatThrownBy(() -> NodeId.of(1, nid)).isInstanceOf(UnsupportedFeatureException.class);
    }
  }

  @Test
  void rootListsTheLayersInPartsToo() throws IOException {
    table.add(new Layer(7, 1, "seven", image));
    table.add(new Layer(3, 1, "three", image));
    for (int most : new int[] {1, 2, 100}) {
      assertThat(names(files, FileSystem.ROOT, most)).containsExactly(".", "..", "three", "seven");
    }
    Attributes root = files.attributes(FileSystem.ROOT);
    assertThat(root.links()).isEqualTo(4);
    assertThat(root.isDirectory()).isTrue();
  }

  @Test
  void layersKeepTheirNodesApart() throws IOException {
    table.add(new Layer(1, 10, "a", image));
    table.add(new Layer(2, 20, "b", image));
    Entry a = files.lookup(FileSystem.ROOT, "a".getBytes(UTF_8)).orElseThrow();
    Entry b = files.lookup(FileSystem.ROOT, "b".getBytes(UTF_8)).orElseThrow();
    assertThat(a.node()).isEqualTo(NodeId.of(1, image.rootNid()));
    assertThat(a.attributes().inode()).isEqualTo(a.node());
    assertThat(NodeId.layer(b.node())).isEqualTo(2);
    assertThat(files.generation(a.node())).isEqualTo(10);
    assertThat(files.generation(b.node())).isEqualTo(20);
    assertThat(names(files, a.node(), 3)).isEqualTo(names(files, b.node(), 100));
  }

  @Test
  void onlyTheRootForgetsMissingNames() throws IOException {
    table.add(new Layer(1, 1, "a", image));
    assertThat(files.remembersMissingNames(FileSystem.ROOT)).isFalse();
    assertThat(files.remembersMissingNames(NodeId.of(1, image.rootNid()))).isTrue();
    assertThat(files.lookup(FileSystem.ROOT, "none".getBytes(UTF_8))).isEmpty();
  }

  @Test
  void goneLayerIsStaleAndTheRootLooksChanged() throws IOException {
    Attributes before = files.attributes(FileSystem.ROOT);
    Layer layer = new Layer(1, 1, "a", image);
    table.add(layer);
    Attributes added = files.attributes(FileSystem.ROOT);
    assertThat(added.nanoseconds()).isGreaterThan(before.nanoseconds());
    assertThat(table.remove(1)).contains(layer);
    assertThat(table.remove(1)).isEmpty();
    assertThat(files.attributes(FileSystem.ROOT).nanoseconds()).isGreaterThan(added.nanoseconds());
    assertThatThrownBy(() -> files.attributes(NodeId.of(1, image.rootNid())))
        .isInstanceOf(NodeException.Stale.class);
  }

  @Test
  void indexesAndNamesAreTakenOnce() {
    table.add(new Layer(1, 1, "a", image));
    assertThatThrownBy(() -> table.add(new Layer(1, 2, "b", image)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> table.add(new Layer(2, 1, "a", image)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(table.layers()).hasSize(1);
    assertThat(table.byName("a")).isPresent();
    assertThat(table.byIndex(2)).isEmpty();
  }

  @Test
  void badIndexesAndNamesAreRefused() {
    for (int index : new int[] {-1, 0, 8192}) {
      assertThatThrownBy(() -> new Layer(index, 1, "a", image))
          .isInstanceOf(IllegalArgumentException.class);
    }
    for (String name : List.of("", ".", "..", "a/b")) {
      assertThatThrownBy(() -> new Layer(1, 1, name, image))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void rootOfASingleImageIsNodeOneEverywhere() throws IOException {
    ImageFileSystem single = ImageFileSystem.of(image, DirectIoSettings.DEFAULT);
    assertThat(single.attributes(FileSystem.ROOT).inode()).isEqualTo(FileSystem.ROOT);
    List<Long> dots = new ArrayList<>();
    single.list(
        FileSystem.ROOT,
        0,
        (name, node, _, _) -> {
          if (name.get(ValueLayout.JAVA_BYTE, 0) == '.') {
            dots.add(node);
          }
          return true;
        });
    assertThat(dots).contains(FileSystem.ROOT, FileSystem.ROOT);
    assertThatThrownBy(() -> single.attributes(NodeId.of(2, 36)))
        .isInstanceOf(NodeException.Stale.class);
  }

  @Test
  void operationsOnNodesOfTheWrongTypeFail() throws IOException {
    ImageFileSystem single = ImageFileSystem.of(image, DirectIoSettings.DEFAULT);
    assertThatThrownBy(() -> single.readLink(FileSystem.ROOT))
        .isInstanceOf(NodeException.IsDirectory.class);
    assertThatThrownBy(() -> single.seek(FileSystem.ROOT, 0, false))
        .isInstanceOf(NodeException.IsDirectory.class);
    assertThat(single.xattr(FileSystem.ROOT, "user.none".getBytes(UTF_8))).isEmpty();
  }

  @Test
  void aRequestForAnExpectedLayerOpensItAndWaitsForIt() throws IOException {
    List<Integer> opened = new ArrayList<>();
    table.expect(
        3,
        "three",
        index -> {
          opened.add(index);
          table.add(new Layer(index, 5, "three", image));
        });
    long node = NodeId.of(3, image.rootNid());
    assertThatThrownBy(() -> files.attributes(node)).isInstanceOf(AbsentException.class);
    assertThat(opened).isEmpty();
    assertThat(Waiting.on(() -> files.attributes(node)).inode()).isEqualTo(node);
    assertThat(files.lookup(FileSystem.ROOT, "three".getBytes(UTF_8))).isPresent();
    assertThat(files.generation(node)).isEqualTo(5);
    assertThat(opened).containsExactly(3);
  }

  @Test
  void anExpectedLayerThatCannotBeOpenedFailsItsOwnRequestsOnly() throws IOException {
    table.add(new Layer(1, 1, "one", image));
    int[] attempts = {0};
    table.expect(
        2,
        "two",
        index -> {
          attempts[0]++;
          throw new IOException("no layer " + index);
        });
    assertThat(Waiting.on(() -> names(files, FileSystem.ROOT, 10)))
        .containsExactly(".", "..", "one");
    byte[] name = "two".getBytes(UTF_8);
    assertThatThrownBy(() -> Waiting.on(() -> files.lookup(FileSystem.ROOT, name)))
        .hasMessage("no layer 2");
    assertThat(attempts[0]).isEqualTo(2);
    table.forget(2);
    assertThat(files.lookup(FileSystem.ROOT, name)).isEmpty();
  }
}
