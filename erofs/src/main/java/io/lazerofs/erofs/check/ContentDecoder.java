package io.lazerofs.erofs.check;

import io.lazerofs.erofs.ErofsException;
import io.lazerofs.erofs.ErofsImage;
import io.lazerofs.erofs.Extent;
import io.lazerofs.erofs.Inode;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/** Decodes whole contents, extent by extent, through one buffer; holes are passed over. */
final class ContentDecoder {
  private static final int PIECE = 1 << 20;

  private final ErofsImage image;
  private final MemorySegment buffer = Arena.ofAuto().allocate(PIECE);
  private final LongConsumer progress;
  private long decoded;

  /**
   * @param progress told each number of bytes that were decoded
   */
  ContentDecoder(ErofsImage image, LongConsumer progress) {
    this.image = image;
    this.progress = progress;
  }

  /** Takes bytes of a content, in the order of their offsets. */
  @FunctionalInterface
  interface Receiver {
    void accept(long offset, MemorySegment data) throws IOException;
  }

  /** Returns the number of bytes that were decoded so far, of all contents. */
  long decoded() {
    return decoded;
  }

  /**
   * Decodes the content of a file, directory or symbolic link. An extent that cannot be decoded is
   * a fault, and the next one follows; where an extent cannot be found, the content ends.
   *
   * @param where the inode, for faults
   * @return whether there was no fault
   */
  boolean decode(Inode inode, String where, Receiver receiver, Consumer<Fault> faults)
      throws IOException {
    boolean whole = true;
    long at = 0;
    while (at < inode.size()) {
      long next = at;
      try {
        Extent extent = image.extent(inode, at);
        next = inode.endOf(extent, at);
        if (!(extent instanceof Extent.Hole)) {
          pieces(inode, at, next, receiver);
        }
      } catch (ErofsException e) {
        whole = false;
        faults.accept(Fault.of(where, inode.xattrOffset(), e));
        if (next == at) {
          return false;
        }
      }
      at = next;
    }
    return whole;
  }

  private void pieces(Inode inode, long start, long end, Receiver receiver) throws IOException {
    for (long at = start; at < end; ) {
      MemorySegment piece = buffer.asSlice(0, Math.min(PIECE, end - at));
      int read = image.read(inode, at, piece);
      receiver.accept(at, piece.asSlice(0, read));
      progress.accept(read);
      decoded += read;
      at += read;
    }
  }
}
