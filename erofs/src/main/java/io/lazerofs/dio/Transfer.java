package io.lazerofs.dio;

import io.lazerofs.dio.DirectIoSettings.Backing;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** Moves the bytes of one mapping to where a read ends up. */
record Transfer(Backing backing) {

  /**
   * Moves bytes of a device.
   *
   * @param at the byte of the file to begin with, in {@code mapping}
   * @param done where in the read that is
   * @param all whether this is all of the read, so that memory may be lent for it
   */
  void mapped(
      Mapping.Mapped mapping,
      long at,
      ReadBuffer buffer,
      int done,
      int count,
      boolean all,
      boolean direct)
      throws IOException {
    long physical = mapping.physical() + (at - mapping.offset());
    if (direct && backing == Backing.DEVICE) {
      mapping.source().readFromDevice(physical, buffer.memory(), done, count);
      return;
    }
    MemorySegment lent = all ? mapping.source().memory() : MemorySegment.NULL;
    if (lent.byteSize() != 0) {
      buffer.lend(lent, physical);
    } else {
      mapping.source().read(physical, buffer.memory(), done, count);
    }
  }

  /** Moves bytes of any mapping that is not of a device. */
  void other(Mapping mapping, long at, ReadBuffer buffer, int done, int count) throws IOException {
    MemorySegment memory = buffer.memory();
    switch (mapping) {
      case Mapping.Hole _ -> memory.asSlice(done, count).fill((byte) 0);
      case Mapping.Inline inline -> {
        long physical = inline.physical() + (at - inline.offset());
        inline.source().read(physical, memory, done, count);
      }
      case Mapping.Encoded encoded -> encoded.decoding().decode(at, memory.asSlice(done, count));
      case Mapping.Mapped mapped -> throw new IllegalArgumentException(mapped.toString());
    }
  }
}
