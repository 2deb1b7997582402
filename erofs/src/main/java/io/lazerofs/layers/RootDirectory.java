package io.lazerofs.layers;

import io.lazerofs.dio.ReadBuffer;
import io.lazerofs.fuse.Attributes;
import io.lazerofs.fuse.Entry;
import io.lazerofs.fuse.FileSystem;
import io.lazerofs.fuse.NodeException;
import io.lazerofs.fuse.Statistics;
import io.lazerofs.layers.LayerTable.Served;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The root of many layers: a directory that has one of each, and comes and goes with them. */
final class RootDirectory implements FileSystem {
  private static final int DIRECTORY = 4;
  private static final int MODE = 0x4000 | 0755;
  private static final int BLOCK_SIZE = 4096;
  private static final int LONGEST_NAME = 255;

  private final LayerTable layers;

  RootDirectory(LayerTable layers) {
    this.layers = layers;
  }

  @Override
  public Optional<Entry> lookup(long directory, byte[] name) throws IOException {
    String text = new String(name, StandardCharsets.UTF_8);
    Optional<ExpectedLayer> expected = layers.expectedAs(text);
    if (expected.isPresent()) {
      throw expected.get().absent();
    }
    Optional<Served> layer = layers.servedAs(text);
    if (layer.isEmpty()) {
      return Optional.empty();
    }
    ImageFileSystem files = layer.get().files();
    return Optional.of(new Entry(files.root(), files.attributes(files.root())));
  }

  @Override
  public boolean remembersMissingNames(long directory) {
    return false;
  }

  @Override
  public long generation(long node) {
    return 0;
  }

  @Override
  public Attributes attributes(long node) {
    Instant changed = layers.changed();
    return new Attributes(
        ROOT,
        BLOCK_SIZE,
        BLOCK_SIZE / 512,
        changed.getEpochSecond(),
        changed.getNano(),
        MODE,
        2 + layers.size(),
        0,
        0,
        0,
        BLOCK_SIZE);
  }

  /**
   * Lists the layers; the position after one is its index and two, for "." and "..". Waits for
   * those that are expected; one that cannot be opened is left out.
   */
  @Override
  public void list(long directory, long position, DirectorySink sink) throws IOException {
    Optional<ExpectedLayer> untried = layers.untried();
    if (untried.isPresent()) {
      throw untried.get().absentToListing();
    }
    if (position < 1 && !sink.offer(bytes("."), ROOT, DIRECTORY, 1)) {
      return;
    }
    if (position < 2 && !sink.offer(bytes(".."), ROOT, DIRECTORY, 2)) {
      return;
    }
    int first = (int) Math.clamp(position - 1, NodeId.FIRST_LAYER, NodeId.LAST_LAYER + 1L);
    for (Served served : layers.from(first).toList()) {
      MemorySegment name = bytes(served.layer().name());
      long next = served.layer().index() + 2L;
      if (!sink.offer(name, served.files().root(), DIRECTORY, next)) {
        return;
      }
    }
  }

  @Override
  public Optional<byte[]> xattr(long node, byte[] name) {
    return Optional.empty();
  }

  @Override
  public List<byte[]> xattrNames(long node) {
    return List.of();
  }

  @Override
  public Statistics statistics(long node) {
    return new Statistics(BLOCK_SIZE, 0, layers.size() + 1L, LONGEST_NAME);
  }

  @Override
  public byte[] readLink(long node) throws NodeException {
    throw new NodeException.IsDirectory(node);
  }

  @Override
  public int read(long node, long offset, int length, boolean direct, ReadBuffer buffer)
      throws NodeException {
    throw new NodeException.IsDirectory(node);
  }

  @Override
  public long seek(long node, long offset, boolean hole) throws NodeException {
    throw new NodeException.IsDirectory(node);
  }

  private static MemorySegment bytes(String name) {
    return MemorySegment.ofArray(name.getBytes(StandardCharsets.UTF_8));
  }
}
