package io.lazerofs.erofs.check;

import io.lazerofs.erofs.ErofsImage;
import io.lazerofs.erofs.Inode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * The directory block that was read last, so that the directories which a walk is in need none of
 * their own.
 */
final class BlockBuffer {
  private final ErofsImage image;
  private final MemorySegment memory;
  private MemorySegment block = MemorySegment.NULL;
  private long nid;
  private long start = -1;

  BlockBuffer(ErofsImage image) {
    this.image = image;
    this.memory = MemorySegment.ofArray(new byte[image.superblock().blockSize()]);
  }

  /** Returns the block at {@code offset} of a directory's content, valid until the next call. */
  MemorySegment read(Inode directory, long offset) throws IOException {
    if (start != offset || nid != directory.nid()) {
      start = -1;
      block = memory.asSlice(0, image.read(directory, offset, memory));
      nid = directory.nid();
      start = offset;
    }
    return block;
  }
}
