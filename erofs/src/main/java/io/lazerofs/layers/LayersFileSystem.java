package io.lazerofs.layers;

import io.lazerofs.dio.ReadBuffer;
import io.lazerofs.fuse.Attributes;
import io.lazerofs.fuse.Entry;
import io.lazerofs.fuse.FileSystem;
import io.lazerofs.fuse.NodeException;
import io.lazerofs.fuse.Statistics;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * All layers of a {@link LayerTable} below one root, a directory each. Each node id leads to the
 * layer that answers; one of a layer that is gone is stale. Safe for use by many threads, also
 * while layers come and go.
 */
public final class LayersFileSystem implements FileSystem {
  private final LayerTable layers;
  private final RootDirectory root;

  public LayersFileSystem(LayerTable layers) {
    this.layers = layers;
    root = new RootDirectory(layers);
  }

  FileSystem at(long node) throws IOException {
    if (node == ROOT) {
      return root;
    }
    LayerTable.Served served = layers.servedAt(NodeId.layer(node));
    return served == null ? late(node) : served.files();
  }

  /** Makes the request wait for a layer that is expected, which may just have come. */
  private FileSystem late(long node) throws IOException {
    int index = NodeId.layer(node);
    Optional<ExpectedLayer> expected = layers.expectedAt(index);
    if (expected.isPresent()) {
      throw expected.get().absent();
    }
    LayerTable.Served served = layers.servedAt(index);
    if (served == null) {
      throw new NodeException.Stale(node);
    }
    return served.files();
  }

  @Override
  public Optional<Entry> lookup(long directory, byte[] name) throws IOException {
    return at(directory).lookup(directory, name);
  }

  @Override
  public boolean remembersMissingNames(long directory) {
    return directory != ROOT;
  }

  @Override
  public long generation(long node) throws IOException {
    return at(node).generation(node);
  }

  @Override
  public Attributes attributes(long node) throws IOException {
    return at(node).attributes(node);
  }

  @Override
  public byte[] readLink(long node) throws IOException {
    return at(node).readLink(node);
  }

  @Override
  public boolean judgesOpens() {
    return layers.directIo().rejectsCompressed();
  }

  @Override
  public void open(long node, boolean direct) throws IOException {
    at(node).open(node, direct);
  }

  @Override
  public int read(long node, long offset, int length, boolean direct, ReadBuffer buffer)
      throws IOException {
    return at(node).read(node, offset, length, direct, buffer);
  }

  @Override
  public void list(long directory, long position, DirectorySink sink) throws IOException {
    at(directory).list(directory, position, sink);
  }

  @Override
  public Optional<byte[]> xattr(long node, byte[] name) throws IOException {
    return at(node).xattr(node, name);
  }

  @Override
  public List<byte[]> xattrNames(long node) throws IOException {
    return at(node).xattrNames(node);
  }

  @Override
  public long seek(long node, long offset, boolean hole) throws IOException {
    return at(node).seek(node, offset, hole);
  }

  @Override
  public Statistics statistics(long node) throws IOException {
    return at(node).statistics(node);
  }
}
