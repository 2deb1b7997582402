package io.lazerofs.dio;

import io.lazerofs.dio.Mapper.Operation;
import java.io.IOException;

/**
 * The way of a read that one mapping of a device answers whole: no loop, and nothing allocated
 * (fs/iomap/direct-io.c, the simple read). Whatever does not fit is left to the general way, which
 * looks the mapping up again.
 */
final class SmallRead {
  /**
   * Says that the read is not one of these, as ENOTBLK does in the kernel; no caller of DirectIo
   * sees it.
   */
  static final int NOT_TAKEN = -1;

  /**
   * The longest read that is taken, bytes: the largest blocks that databases read. What the loop
   * costs more is the same for every length, so it is nothing beside the bytes of a longer one,
   * which more often lies in two mappings and would be looked up twice ("Small reads" in
   * docs/direct-io.md has the figures).
   */
  static final int MOST_BYTES = 64 << 10;

  private final int mostBytes;
  private final AlignmentRule alignment;
  private final Transfer transfer;

  /**
   * @param mostBytes the longest read that is taken; 0 takes none
   */
  SmallRead(int mostBytes, AlignmentRule alignment, Transfer transfer) {
    this.mostBytes = mostBytes;
    this.alignment = alignment;
    this.transfer = transfer;
  }

  /** Reads as {@link DirectIo#read} does, or returns {@link #NOT_TAKEN} and has done nothing. */
  int read(Mapper file, long offset, int length, boolean direct, ReadBuffer buffer)
      throws IOException {
    long size = file.size();
    if (length <= 0
        || length > mostBytes
        || offset < 0
        || offset > size - length
        || (direct && !alignment.fitsMapped(file, offset, length))) {
      return NOT_TAKEN;
    }
    Mapping mapping = file.begin(offset, length, Operation.READ);
    int count = NOT_TAKEN;
    try {
      if (mapping instanceof Mapping.Mapped mapped
          && MappingCheck.holds(mapped, offset, size)
          && mapped.length() - (offset - mapped.offset()) >= length) {
        buffer.clear();
        transfer.mapped(mapped, offset, buffer, 0, length, true, direct);
        count = length;
      }
    } catch (IOException | RuntimeException | Error e) {
      Failure.end(file, mapping, offset, length, e);
      throw e;
    }
    file.end(mapping, offset, length, Math.max(count, 0), Operation.READ);
    return count;
  }
}
