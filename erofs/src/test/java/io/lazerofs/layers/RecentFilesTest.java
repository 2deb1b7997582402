package io.lazerofs.layers;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.lazerofs.dio.DirectIoSettings;
import io.lazerofs.erofs.ErofsImage;
import io.lazerofs.fuse.NodeException;
import io.lazerofs.source.MappedSource;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecentFilesTest {
  private static final int WARM_UP = 200_000;
  private static final int MEASURED = 100_000;

  @TempDir Path temporary;
  private MappedSource source;
  private ErofsImage image;

  @BeforeEach
  void open() throws IOException {
    Path file = temporary.resolve("image");
    try (InputStream packed = RecentFilesTest.class.getResourceAsStream("/erofs/plain.erofs.gz")) {
      Files.copy(new GZIPInputStream(packed), file);
    }
    source = MappedSource.open(file);
    image = ErofsImage.open(source, List.of());
  }

  @AfterEach
  void close() {
    source.close();
  }

  private static LayerTable newTable() {
    return new LayerTable(InstantSource.system(), DirectIoSettings.DEFAULT);
  }

  /** Returns the node of /big/text in a layer. */
  private static long text(LayersFileSystem files, LayerTable table, int layer) throws IOException {
    long root = rootOf(table, layer);
    long big = files.lookup(root, "big".getBytes(UTF_8)).orElseThrow().node();
    return files.lookup(big, "text".getBytes(UTF_8)).orElseThrow().node();
  }

  private static long rootOf(LayerTable table, int layer) throws IOException {
    return NodeId.of(layer, table.byIndex(layer).orElseThrow().image().rootNid());
  }

  private static ImageFile file(LayersFileSystem files, long node) throws IOException {
    return ((ImageFileSystem) files.at(node)).file(node);
  }

  @Test
  void S3_8_findingTheFileOfANodeAllocatesNothing() throws IOException {
    LayerTable table = newTable();
    table.add(new Layer(NodeId.LAST_LAYER, 1, "a", image));
    LayersFileSystem files = new LayersFileSystem(table);
    long node = text(files, table, NodeId.LAST_LAYER);
    int found = 0;
    for (int i = 0; i < WARM_UP; i++) {
      found += file(files, node).blockSize();
    }
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long none = threads.getCurrentThreadAllocatedBytes();
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < MEASURED; i++) {
      found += file(files, node).blockSize();
    }
    long allocated = threads.getCurrentThreadAllocatedBytes() - before - (before - none);
    assertThat(found).isNotZero();
    assertThat(allocated).isZero();
  }

  @Test
  void fileIsTheSameObjectUntilItsLayerGoes() throws IOException {
    LayerTable table = newTable();
    table.add(new Layer(1, 1, "a", image));
    table.add(new Layer(2, 1, "b", image));
    LayersFileSystem files = new LayersFileSystem(table);
    long node = text(files, table, 1);
    long other = text(files, table, 2);
    ImageFile file = file(files, node);
    ImageFile kept = file(files, other);
    assertThat(file(files, node)).isSameAs(file);

    table.remove(1);
    assertThatThrownBy(() -> files.at(node)).isInstanceOf(NodeException.Stale.class);
    table.add(new Layer(1, 2, "a", image));
    assertThat(file(files, node)).isNotSameAs(file);
    assertThat(file(files, other)).isSameAs(kept);
  }

  @Test
  void boundHoldsWhateverIsRead() throws IOException {
    int bound = 10_000;
    RecentFiles recent = RecentFiles.ofBytes(bound);
    ImageFileSystem files =
        ImageFileSystem.layer(new Layer(1, 1, "a", image), DirectIoSettings.DEFAULT, recent);
    ImageFile file = new ImageFile(image, image.inode(image.rootNid()));
    for (long node = 1; node <= 5000; node++) {
      recent.add(files, node, file);
    }
    assertThat(recent.heldBytes()).isBetween(1L, (long) bound);
    int found = 0;
    for (long node = 1; node <= 5000; node++) {
      found += recent.find(files, node) == null ? 0 : 1;
    }
    assertThat(found).isBetween(1, bound / file.mostBytes());
    recent.forget(files);
    assertThat(recent.heldBytes()).isZero();
    for (long node = 1; node <= 5000; node++) {
      assertThat(recent.find(files, node)).isNull();
    }
  }
}
