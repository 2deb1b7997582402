package io.lazerofs.erofs.disk;

import java.lang.foreign.MemorySegment;

/**
 * An entry of the device table.
 *
 * @param tag name of the device, at most 64 bytes, one character each (ISO 8859-1)
 * @param blocks size of the device
 * @param mappedBlock where the device's blocks stand in the address space that all devices share
 *     with the primary one; 0 for nowhere
 */
public record DeviceSlot(String tag, long blocks, long mappedBlock) {

  /** Size on disk, bytes. */
  public static final int SIZE = 128;

  private static final int TAG_SIZE = 64;

  /**
   * Decodes the slot at {@code at}.
   *
   * @param wide whether the superblock has {@link IncompatibleFeature#WIDE_ADDRESSES}
   */
  public static DeviceSlot decode(MemorySegment memory, long at, boolean wide) {
    int blocksHigh = wide ? LittleEndian.u16(memory, at + 72) : 0;
    int mappedHigh = wide ? LittleEndian.u16(memory, at + 74) : 0;
    return new DeviceSlot(
        FixedText.decode(memory, at, TAG_SIZE),
        BlockAddress.of(blocksHigh, LittleEndian.u32(memory, at + 64)),
        BlockAddress.of(mappedHigh, LittleEndian.u32(memory, at + 68)));
  }

  /** Encodes this slot at {@code at}, reserved bytes as zeros. */
  public void encode(MemorySegment memory, long at) {
    memory.asSlice(at, SIZE).fill((byte) 0);
    FixedText.encode(tag, memory, at, TAG_SIZE);
    LittleEndian.putU32(memory, at + 64, blocks & 0xffff_ffffL);
    LittleEndian.putU32(memory, at + 68, mappedBlock & 0xffff_ffffL);
    LittleEndian.putU16(memory, at + 72, Math.toIntExact(blocks >>> 32));
    LittleEndian.putU16(memory, at + 74, Math.toIntExact(mappedBlock >>> 32));
  }
}
