package io.lazerofs.erofs.check;

import io.lazerofs.erofs.ErofsException;
import io.lazerofs.erofs.ErofsImage;
import io.lazerofs.erofs.Extent;
import io.lazerofs.erofs.Inode;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/** Decodes whole contents, extent by extent, through one buffer; holes are passed over. */
final class ContentDecoder {
  private static final int PIECE = 1 << 20;
  private static final long MAX_LEAP = 1L << 60;

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
   * a fault, and the next one follows. Where not even its length can be had, the decoder looks for
   * the next one a block further on, then two, four and so on, so that it gets to the end of any
   * size.
   *
   * @param where the inode, for faults
   * @return whether there was no fault
   */
  boolean decode(Inode inode, String where, Receiver receiver, Consumer<Fault> faults)
      throws IOException {
    Optional<Fault> last = Optional.empty();
    long leap = image.superblock().blockSize();
    for (long at = 0; at < inode.size(); ) {
      long next = at;
      try {
        Extent extent = image.extent(inode, at);
        next = inode.endOf(extent, at);
        leap = image.superblock().blockSize();
        if (!(extent instanceof Extent.Hole)) {
          pieces(inode, at, next, receiver);
        }
      } catch (ErofsException e) {
        Optional<Fault> fault = Optional.of(Fault.of(where, inode.xattrOffset(), e));
        if (!fault.equals(last)) {
          faults.accept(fault.get());
          last = fault;
        }
        if (next == at) {
          next = leap < inode.size() - at ? at + leap : inode.size();
          leap = Math.min(2 * leap, MAX_LEAP);
        }
      }
      at = next;
    }
    return last.isEmpty();
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
