package io.lazerofs.fuse;

import io.lazerofs.dio.ReadBuffer;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** A file system of a test that can do nothing but read. */
final class ReadsOnly implements FileSystem {
  private final Read read;

  /** Answers a read of a node with a count, or throws. */
  interface Read {
    int of(long node, ReadBuffer buffer) throws IOException;
  }

  ReadsOnly(Read read) {
    this.read = read;
  }

  @Override
  public int read(long node, long offset, int length, boolean direct, ReadBuffer buffer)
      throws IOException {
    buffer.clear();
    return read.of(node, buffer);
  }

  @Override
  public Optional<Entry> lookup(long directory, byte[] name) {
    return Optional.empty();
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
    throw new UnsupportedOperationException();
  }

  @Override
  public byte[] readLink(long node) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void list(long directory, long position, DirectorySink sink) {
    throw new UnsupportedOperationException();
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
  public long seek(long node, long offset, boolean hole) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Statistics statistics(long node) {
    throw new UnsupportedOperationException();
  }
}
