package io.lazerofs.erofs;

import io.lazerofs.source.ByteSource;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * The content of an inode as a source: that of the packed inode, which holds fragments, or of the
 * metabox, which holds inodes.
 *
 * <p>What is absent, is absent on the device below: the exception names that, and its range there.
 */
final class ContentSource implements ByteSource {
  private final ContentReader contents;
  private final Inode inode;

  ContentSource(ContentReader contents, Inode inode) {
    this.contents = contents;
    this.inode = inode;
  }

  @Override
  public long size() {
    return inode.size();
  }

  @Override
  public void read(long offset, MemorySegment destination) throws IOException {
    Objects.checkFromIndexSize(offset, destination.byteSize(), inode.size());
    contents.read(inode, offset, destination);
  }

  /** Has nothing to do: the devices below are filled through their own exceptions. */
  @Override
  public void fill(long offset, long length) {}

  /** Closes nothing: the devices below belong to whoever opened the image. */
  @Override
  public void close() {}
}
