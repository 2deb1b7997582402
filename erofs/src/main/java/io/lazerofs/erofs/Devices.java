package io.lazerofs.erofs;

import io.lazerofs.erofs.disk.DeviceSlot;
import io.lazerofs.erofs.disk.IncompatibleFeature;
import io.lazerofs.erofs.disk.Superblock;
import io.lazerofs.source.ByteSource;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * The devices of an image: the primary one and those of its device table.
 *
 * <p>The extra devices are either attached as sources of their own, or stand in the primary one
 * behind its blocks, where their slots say ("flat"; kernel: erofs_map_dev in fs/erofs/data.c).
 *
 * <p>Blocks of all devices may share one address space: an address without a device id that falls
 * into the mapped range of an attached device means that device.
 */
final class Devices {
  private final ByteSource primary;
  private final List<ByteSource> attached;
  private final List<DeviceSlot> slots;
  private final int blockBits;
  private final long primaryBlocks;

  private Devices(
      Superblock superblock,
      ByteSource primary,
      List<ByteSource> attached,
      List<DeviceSlot> slots) {
    this.primary = primary;
    this.attached = List.copyOf(attached);
    this.slots = List.copyOf(slots);
    this.blockBits = superblock.blockBits();
    this.primaryBlocks = superblock.blocks();
  }

  /** A place on a device. */
  record Place(ByteSource source, long offset) {}

  /**
   * Reads the device table and compares it with the devices at hand.
   *
   * @param attached one for each slot, or none when all stand in the primary device
   */
  static Devices open(Superblock superblock, ByteSource primary, List<ByteSource> attached)
      throws IOException {
    int count = superblock.has(IncompatibleFeature.DEVICE_TABLE) ? superblock.extraDevices() : 0;
    long table = (long) superblock.deviceTableSlot() * DeviceSlot.SIZE;
    if (!attached.isEmpty() && attached.size() != count) {
      throw new CorruptImageException(table, "extra devices", count + " devices", attached.size());
    }
    requireBlocks(primary, 0, superblock.blocks(), superblock.blockBits(), "primary device");
    List<DeviceSlot> slots = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      long at = table + (long) i * DeviceSlot.SIZE;
      MemorySegment bytes = Checked.bytes(primary, at, DeviceSlot.SIZE, "device slot");
      DeviceSlot slot =
          DeviceSlot.decode(bytes, 0, superblock.has(IncompatibleFeature.WIDE_ADDRESSES));
      String name = "extra device " + (i + 1);
      if (!attached.isEmpty()) {
        requireBlocks(attached.get(i), 0, slot.blocks(), superblock.blockBits(), name);
      } else if (slot.mappedBlock() == 0) {
        throw new CorruptImageException(at, name, "a device of its own", "none");
      } else {
        requireBlocks(primary, slot.mappedBlock(), slot.blocks(), superblock.blockBits(), name);
      }
      slots.add(slot);
    }
    return new Devices(superblock, primary, attached, slots);
  }

  /** Requires that a source holds these blocks; the last one may be cut short. */
  private static void requireBlocks(
      ByteSource source, long first, long blocks, int blockBits, String what)
      throws CorruptImageException {
    long held = source.size() >> blockBits;
    long partial = source.size() & ((1L << blockBits) - 1);
    if (!Checked.within(first, blocks, held + (partial == 0 ? 0 : 1))) {
      throw new CorruptImageException(
          source.size(),
          what,
          blocks + " blocks of " + (1L << blockBits) + " bytes from block " + first,
          "the end of the file");
    }
  }

  /** Returns the blocks of all devices together. */
  long blocks() {
    long sum = primaryBlocks;
    for (DeviceSlot slot : slots) {
      sum += slot.blocks();
    }
    return sum;
  }

  /** Returns the device table. */
  List<DeviceSlot> slots() {
    return slots;
  }

  /** Returns the part of a chunk index's device field that counts. */
  int mask() {
    return slots.isEmpty() ? 0 : (Integer.highestOneBit(slots.size()) << 1) - 1;
  }

  /**
   * Returns where a block lies.
   *
   * @param device 0 for an address in the shared address space, k for slot k - 1
   */
  Place resolve(int device, long block) throws CorruptImageException {
    long offset = Checked.blockOffset(block, blockBits, "block address");
    if (device == 0) {
      return resolve(offset);
    }
    if (device > slots.size()) {
      throw new CorruptImageException(offset, "device id", "at most " + slots.size(), device);
    }
    if (!attached.isEmpty()) {
      return new Place(attached.get(device - 1), offset);
    }
    long mapped = block + slots.get(device - 1).mappedBlock();
    return new Place(primary, Checked.blockOffset(mapped, blockBits, "mapped block address"));
  }

  /** Whether two blocks that {@link #resolve(int, long)} accepts lie on the same source. */
  @SuppressWarnings("ReferenceEquality") // a source has no value, only an identity
  boolean together(int device, long first, long second) {
    return device != 0
        || attached.isEmpty()
        || resolve(first << blockBits).source() == resolve(second << blockBits).source();
  }

  /** Returns where a byte of the address space that all devices share lies. */
  Place resolve(long offset) {
    if (attached.isEmpty()) {
      return new Place(primary, offset);
    }
    long block = offset >> blockBits;
    for (int i = 0; i < slots.size(); i++) {
      long mapped = slots.get(i).mappedBlock();
      if (mapped != 0 && block >= mapped && block - mapped < slots.get(i).blocks()) {
        return new Place(attached.get(i), offset - (mapped << blockBits));
      }
    }
    return new Place(primary, offset);
  }
}
