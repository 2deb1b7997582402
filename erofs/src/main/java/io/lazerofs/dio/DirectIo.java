package io.lazerofs.dio;

import io.lazerofs.dio.DirectIoSettings.Alignment;
import io.lazerofs.dio.DirectIoSettings.Backing;
import io.lazerofs.dio.Mapper.Operation;
import io.lazerofs.source.AbsentException;
import io.lazerofs.source.ByteSource;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * Reads ranges of files mapping by mapping, for buffered reads and for direct ones
 * (fs/iomap/direct-io.c, iomap_dio_rw). Never changes, and is safe for use by many threads, each
 * with a {@link ReadBuffer} of its own.
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

  private final Alignment alignment;
  private final boolean fromDevice;

  public DirectIo(DirectIoSettings settings) {
    this.alignment = settings.alignment();
    this.fromDevice = settings.backing() == Backing.DEVICE;
  }

  /** Returns what {@link Alignment#STRICT} asks for in a file system of a block size, bytes. */
  public static int strictAlignment(int blockSize) {
    return Math.min(blockSize, PAGE_BYTES);
  }

  /**
   * Reads a range, clipped to the end of the file.
   *
   * @param direct whether the file was opened with O_DIRECT
   * @param buffer at least {@code length} bytes; undefined after a failure
   * @return the number of bytes that {@code buffer} has then
   * @throws AbsentException when bytes are not on this machine; the read can be done again once
   *     they are
   * @throws MisalignedException when a direct read does not fit the blocks
   * @throws InvalidMappingException when {@code file} answers with a mapping that cannot be
   */
  public int read(Mapper file, long offset, int length, boolean direct, ReadBuffer buffer)
      throws IOException {
    buffer.clear();
    if (length == 0) {
      return 0;
    }
    if (direct && alignment == Alignment.STRICT) {
      requireAligned(offset, length, strictAlignment(file.blockSize()));
    }
    // The end of the file comes before the mappings' alignment: past it nothing is misaligned.
    long size = file.size();
    if (offset >= size) {
      return 0;
    }
    int wanted = (int) Math.min(length, size - offset);
    for (int done = 0; done < wanted; ) {
      done += part(file, offset, length, wanted, done, direct, buffer);
    }
    return wanted;
  }

  /**
   * Reads as {@link #read} does, for a caller that never waits.
   *
   * @throws WouldBlockException when bytes are not on this machine; nothing was asked to bring them
   */
  public int readPresent(Mapper file, long offset, int length, boolean direct, ReadBuffer buffer)
      throws IOException {
    try {
      return read(file, offset, length, direct, buffer);
    } catch (AbsentException absent) {
      WouldBlockException wouldBlock = new WouldBlockException(offset, length);
      wouldBlock.addSuppressed(absent);
      throw wouldBlock;
    }
  }

  /** Reads what one mapping has of the request; returns how many bytes. */
  private int part(
      Mapper file, long offset, int length, int wanted, int done, boolean direct, ReadBuffer buffer)
      throws IOException {
    long at = offset + done;
    Mapping mapping = file.begin(at, length - done, Operation.READ);
    int count = 0;
    try {
      long piece = Math.min(restOf(mapping, at), length - done);
      int useful = (int) Math.min(piece, wanted - done);
      if (mapping instanceof Mapping.Mapped mapped) {
        if (direct && alignment == Alignment.PER_MAPPING) {
          // A part is judged before it is clipped, against the mapping's whole blocks.
          requireAligned(at, piece, SECTOR_BYTES);
        }
        long physical = mapped.physical() + at - mapped.offset();
        transfer(mapped.source(), physical, buffer, done, useful, useful == wanted, direct);
      } else {
        useful = fill(mapping, at, buffer.memory(), done, useful, wanted - done);
      }
      count = useful;
    } finally {
      file.end(mapping, at, length - done, count, Operation.READ);
    }
    return count;
  }

  private void transfer(
      ByteSource source,
      long physical,
      ReadBuffer buffer,
      int done,
      int count,
      boolean all,
      boolean direct)
      throws IOException {
    if (direct && fromDevice) {
      source.readFromDevice(physical, buffer.memory(), done, count);
      return;
    }
    MemorySegment memory = all ? source.memory() : MemorySegment.NULL;
    if (memory.byteSize() != 0) {
      buffer.lend(memory, physical);
    } else {
      source.read(physical, buffer.memory(), done, count);
    }
  }

  /** Fills memory from a mapping that is not on a device as it is; returns how many bytes. */
  private static int fill(
      Mapping mapping, long at, MemorySegment memory, int done, int useful, int rest)
      throws IOException {
    switch (mapping) {
      case Mapping.Hole _ -> memory.asSlice(done, useful).fill((byte) 0);
      case Mapping.Inline inline ->
          inline.source().read(inline.physical() + at - inline.offset(), memory, done, useful);
      case Mapping.Encoded encoded -> {
        // No encoded run is judged, so that the rest of the request needs no look at each.
        encoded.decoding().decode(at, memory.asSlice(done, rest));
        return rest;
      }
      case Mapping.Mapped mapped -> throw new IllegalArgumentException(mapped.toString());
    }
    return useful;
  }

  private static void requireAligned(long offset, long length, int alignment)
      throws MisalignedException {
    if (((offset | length) & alignment - 1) != 0) {
      throw new MisalignedException(offset, length, alignment);
    }
  }

  /** Returns how many bytes of the mapping follow from {@code at} on, at least 1. */
  private static long restOf(Mapping mapping, long at) throws InvalidMappingException {
    long before = at - mapping.offset();
    if (mapping.offset() < 0 || before < 0 || before >= mapping.length()) {
      throw new InvalidMappingException(at, mapping);
    }
    return mapping.length() - before;
  }
}
