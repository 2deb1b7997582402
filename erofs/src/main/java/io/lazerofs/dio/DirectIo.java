package io.lazerofs.dio;

import io.lazerofs.dio.Mapper.Operation;
import io.lazerofs.source.AbsentException;
import java.io.IOException;
import java.util.concurrent.atomic.LongAdder;

/**
 * Reads ranges of files mapping by mapping, for buffered reads and for direct ones
 * (fs/iomap/direct-io.c, iomap_dio_rw). Safe for use by many threads, each with a {@link
 * ReadBuffer} of its own; they share no line of memory that they write to.
 *
 * <p>All of a range is read or none: a part that fails fails the whole, and a read is short only at
 * the end of the file. Parts are read one after the other on the calling thread, so the return of
 * the call is the one completion of the request.
 */
public final class DirectIo {
  /**
   * What a direct read of a part that lies on a device must be aligned to: the logical block of a
   * loop device, bytes. Large reads reach a FUSE server in parts that are aligned to no more than
   * that when the user's buffer is.
   */
  public static final int SECTOR_BYTES = 512;

  /** The most that strict alignment asks for, bytes: page fills of a mapping must stay possible. */
  private static final int PAGE_BYTES = 4096;

  private final AlignmentRule alignment;
  private final Transfer transfer;
  private final SmallRead smallRead;
  // Two counts that only grow: a LongAdder spreads over as many lines as there are writers.
  private final LongAdder begun = new LongAdder();
  private final LongAdder ended = new LongAdder();

  public DirectIo(DirectIoSettings settings) {
    this(settings, SmallRead.MOST_BYTES);
  }

  /**
   * @param smallBytes the longest read that takes the way of small reads; 0 for none
   */
  DirectIo(DirectIoSettings settings, int smallBytes) {
    alignment = new AlignmentRule(settings.alignment());
    transfer = new Transfer(settings.backing());
    smallRead = new SmallRead(smallBytes, alignment, transfer);
  }

  /**
   * Returns what {@link DirectIoSettings.Alignment#STRICT} asks for in a file system of a block
   * size, bytes.
   */
  public static int strictAlignment(int blockSize) {
    return Math.min(blockSize, PAGE_BYTES);
  }

  /**
   * Reads a range, clipped to the end of the file.
   *
   * @param offset from 0
   * @param length from 0
   * @param direct whether the file was opened with O_DIRECT
   * @param buffer at least {@code length} bytes; undefined after a failure
   * @return the number of bytes that {@code buffer} has then
   * @throws AbsentException when bytes are not on this machine; the read can be done again once
   *     they are. What the read needs in other places was asked for
   * @throws MisalignedException when a direct read does not fit the blocks
   * @throws InvalidMappingException when {@code file} answers with a mapping that cannot be
   * @throws IndexOutOfBoundsException when {@code offset} or {@code length} is negative
   */
  public int read(Mapper file, long offset, int length, boolean direct, ReadBuffer buffer)
      throws IOException {
    return read(file, offset, length, direct, buffer, true);
  }

  /**
   * Reads as {@link #read} does, for a caller that never waits.
   *
   * @throws WouldBlockException when bytes are not on this machine; nothing was asked to bring them
   */
  public int readPresent(Mapper file, long offset, int length, boolean direct, ReadBuffer buffer)
      throws IOException {
    try {
      return read(file, offset, length, direct, buffer, false);
    } catch (AbsentException absent) {
      WouldBlockException wouldBlock = new WouldBlockException(offset, length);
      wouldBlock.addSuppressed(absent);
      throw wouldBlock;
    }
  }

  /**
   * Asks for what reading a range needs, clipped to the end of the file, and returns without
   * waiting for it. Of a range in very many places the first ones are asked for.
   *
   * @param offset from 0
   * @return the byte behind those that were asked for
   */
  public long prefetch(Mapper file, long offset, long length) {
    return Asking.forAll(file, offset, offset + Math.min(length, file.size() - offset));
  }

  /** Returns the number of reads that were begun and not ended, in any way. */
  public long readsUnderWay() {
    // In this order each end that is counted has its beginning counted too.
    long done = ended.sum();
    return begun.sum() - done;
  }

  private int read(
      Mapper file, long offset, int length, boolean direct, ReadBuffer buffer, boolean asks)
      throws IOException {
    begun.increment();
    try {
      int count = smallRead.read(file, offset, length, direct, buffer);
      return count == SmallRead.NOT_TAKEN
          ? readParts(file, offset, length, direct, buffer, asks)
          : count;
    } finally {
      ended.increment();
    }
  }

  private int readParts(
      Mapper file, long offset, int length, boolean direct, ReadBuffer buffer, boolean asks)
      throws IOException {
    if (offset < 0 || length < 0) {
      throw new IndexOutOfBoundsException(length + " bytes at " + offset);
    }
    buffer.clear();
    if (length == 0) {
      return 0;
    }
    if (direct) {
      alignment.judgeRequest(file, offset, length);
    }
    // The end of the file comes before the mappings' alignment: past it nothing is misaligned.
    long size = file.size();
    if (offset >= size) {
      return 0;
    }
    int wanted = (int) Math.min(length, size - offset);
    int done = 0;
    try {
      while (done < wanted) {
        done += readPart(file, offset, length, wanted, done, direct, buffer);
      }
    } catch (AbsentException absent) {
      if (asks) {
        Asking.behind(file, offset + done, offset + wanted);
      }
      throw absent;
    }
    return wanted;
  }

  /** Reads what one mapping has of the request; returns how many bytes. */
  private int readPart(
      Mapper file, long offset, int length, int wanted, int done, boolean direct, ReadBuffer buffer)
      throws IOException {
    long at = offset + done;
    Mapping mapping = file.begin(at, length - done, Operation.READ);
    int count;
    try {
      long piece = Math.min(MappingCheck.restOf(mapping, at, file.size()), length - done);
      count = (int) Math.min(piece, wanted - done);
      if (mapping instanceof Mapping.Mapped mapped) {
        if (direct) {
          // A part is judged before it is clipped, against the mapping's whole blocks.
          alignment.judgeMapped(at, piece);
        }
        transfer.mapped(mapped, at, buffer, done, count, count == wanted, direct);
      } else {
        transfer.other(mapping, at, buffer, done, count);
      }
    } catch (IOException | RuntimeException | Error e) {
      Failure.end(file, mapping, at, length - done, e);
      throw e;
    }
    file.end(mapping, at, length - done, count, Operation.READ);
    return count;
  }
}
