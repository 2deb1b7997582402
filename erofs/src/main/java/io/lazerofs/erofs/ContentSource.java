package io.lazerofs.erofs;

import io.lazerofs.source.AbsentException;
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
  /** How many extents one prefetch looks up at most: 4 MiB in blocks of 4 KiB. */
  private static final int MOST_EXTENTS = 1024;

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

  /** Asks the devices below, for as much as they tell without waiting. */
  @Override
  public void prefetch(long offset, long length) {
    Objects.checkFromIndexSize(offset, length, inode.size());
    try {
      var _ = contents.prefetch(inode, offset, length, MOST_EXTENTS);
    } catch (AbsentException absent) {
      absent.prefetch();
    } catch (IOException _) {
      // Nothing is lost: whoever reads there meets it.
    }
  }

  /** Closes nothing: the devices below belong to whoever opened the image. */
  @Override
  public void close() {}
}
