package io.lazerofs.erofs.disk;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * The superblock: the record at byte 1024 of the primary device that says where all else is.
 *
 * <p>The root's nid and the number of blocks share fields whose widths depend on {@link
 * IncompatibleFeature#WIDE_ADDRESSES}; both are given here as they are meant.
 *
 * @param checksum see {@link #checksum(MemorySegment, int)}; meaningful with {@link
 *     CompatibleFeatures#CHECKSUM}
 * @param compatible bits of {@link CompatibleFeatures}
 * @param blockBits binary logarithm of the block size in bytes
 * @param extensionSlots number of 16-byte slots that follow the first 128 bytes
 * @param rootNid nid of the root directory
 * @param inodes number of inodes
 * @param epoch seconds since 1970, signed: what the times of compact inodes count from
 * @param fixedNanoseconds nanoseconds of every compact inode's time
 * @param blocks blocks of the primary device
 * @param metaBlock the block that nid 0 starts in
 * @param xattrBlock the block that shared xattr 0 starts in
 * @param volumeName at most 16 bytes, one character each (ISO 8859-1)
 * @param incompatible bits of {@link IncompatibleFeature}
 * @param compression set of compression algorithms, or the LZ4 window when there is only LZ4
 * @param extraDevices number of slots in the device table
 * @param deviceTableSlot where the device table starts, in units of {@link DeviceSlot#SIZE}
 * @param directoryBlockBits reserved, 0
 * @param xattrPrefixCount number of long xattr name prefixes
 * @param xattrPrefixStart where these start, in units of 4 bytes
 * @param packedNid nid of the inode that holds fragments, 0 for none
 * @param xattrFilterReserved not 0 when the xattr name filters follow an unknown rule
 * @param sharedContentPrefix number of the xattr prefix whose values name equal content
 * @param buildTime seconds after {@code epoch} at which the image was made
 * @param metaboxNid nid of the inode that holds other inodes, 0 for none; in the first extension
 *     slot
 */
public record Superblock(
    int checksum,
    int compatible,
    int blockBits,
    int extensionSlots,
    long rootNid,
    long inodes,
    long epoch,
    int fixedNanoseconds,
    long blocks,
    long metaBlock,
    long xattrBlock,
    UUID uuid,
    String volumeName,
    int incompatible,
    int compression,
    int extraDevices,
    int deviceTableSlot,
    int directoryBlockBits,
    int xattrPrefixCount,
    long xattrPrefixStart,
    long packedNid,
    int xattrFilterReserved,
    int sharedContentPrefix,
    long buildTime,
    long metaboxNid) {

  /** Where the superblock lies on the primary device, bytes. */
  public static final int OFFSET = 1024;

  /** Size without extension slots, bytes. */
  public static final int SIZE = 128;

  /** Size of an extension slot, bytes. */
  public static final int EXTENSION_SLOT_SIZE = 16;

  /** The first four bytes. */
  public static final int MAGIC = 0xE0F5E1E2;

  private static final int CHECKSUM_AT = 4;
  private static final int VOLUME_NAME_SIZE = 16;

  /** Returns the size of a block, bytes. */
  public int blockSize() {
    return 1 << blockBits;
  }

  /** Returns the size of the file system on the primary device, bytes. */
  public long byteSize() {
    return blocks << blockBits;
  }

  /** Returns the size of this superblock with its extension slots, bytes. */
  public int size() {
    return SIZE + extensionSlots * EXTENSION_SLOT_SIZE;
  }

  /** Whether all bits of {@code feature} are set in {@link #incompatible}. */
  public boolean has(IncompatibleFeature feature) {
    return (incompatible & feature.bit()) != 0;
  }

  /** Whether {@code bit} of {@link CompatibleFeatures} is set. */
  public boolean hasCompatible(int bit) {
    return (compatible & bit) != 0;
  }

  /** Whether the bytes at {@code at} begin as a superblock does. */
  public static boolean isAt(MemorySegment memory, long at) {
    return LittleEndian.i32(memory, at) == MAGIC;
  }

  /**
   * Decodes the superblock at {@code at}. The extension slots are looked at only as far as {@code
   * memory} holds them.
   */
  public static Superblock decode(MemorySegment memory, long at) {
    int incompatible = LittleEndian.i32(memory, at + 80);
    int extensionSlots = LittleEndian.u8(memory, at + 13);
    int shared = LittleEndian.u16(memory, at + 14);
    long wideRoot = LittleEndian.i64(memory, at + 112);
    boolean wide = (incompatible & IncompatibleFeature.WIDE_ADDRESSES.bit()) != 0 && wideRoot != 0;
    long blocksLow = LittleEndian.u32(memory, at + 36);
    boolean metabox =
        (incompatible & IncompatibleFeature.METABOX.bit()) != 0
            && extensionSlots > 0
            && memory.byteSize() - at >= SIZE + EXTENSION_SLOT_SIZE;
    return new Superblock(
        LittleEndian.i32(memory, at + CHECKSUM_AT),
        LittleEndian.i32(memory, at + 8),
        LittleEndian.u8(memory, at + 12),
        extensionSlots,
        wide ? wideRoot : shared,
        LittleEndian.i64(memory, at + 16),
        LittleEndian.i64(memory, at + 24),
        LittleEndian.i32(memory, at + 32),
        wide ? (long) shared << 32 | blocksLow : blocksLow,
        LittleEndian.u32(memory, at + 40),
        LittleEndian.u32(memory, at + 44),
        uuid(memory.asSlice(at + 48, 16)),
        FixedText.decode(memory, at + 64, VOLUME_NAME_SIZE),
        incompatible,
        LittleEndian.u16(memory, at + 84),
        LittleEndian.u16(memory, at + 86),
        LittleEndian.u16(memory, at + 88),
        LittleEndian.u8(memory, at + 90),
        LittleEndian.u8(memory, at + 91),
        LittleEndian.u32(memory, at + 92),
        LittleEndian.i64(memory, at + 96),
        LittleEndian.u8(memory, at + 104),
        LittleEndian.u8(memory, at + 105),
        LittleEndian.u32(memory, at + 108),
        metabox ? LittleEndian.i64(memory, at + 128) : 0);
  }

  /**
   * Encodes this superblock with its extension slots at {@code at}, reserved bytes as zeros. Wide
   * fields are used only where {@code rootNid} or {@code blocks} needs them.
   *
   * @throws IllegalArgumentException when a value does not fit its field
   */
  public void encode(MemorySegment memory, long at) {
    memory.asSlice(at, size()).fill((byte) 0);
    LittleEndian.putI32(memory, at, MAGIC);
    LittleEndian.putI32(memory, at + CHECKSUM_AT, checksum);
    LittleEndian.putI32(memory, at + 8, compatible);
    LittleEndian.putU8(memory, at + 12, blockBits);
    LittleEndian.putU8(memory, at + 13, extensionSlots);
    encodeRootAndBlocks(memory, at);
    LittleEndian.putI64(memory, at + 16, inodes);
    LittleEndian.putI64(memory, at + 24, epoch);
    LittleEndian.putI32(memory, at + 32, fixedNanoseconds);
    LittleEndian.putU32(memory, at + 40, metaBlock);
    LittleEndian.putU32(memory, at + 44, xattrBlock);
    MemorySegment.copy(MemorySegment.ofArray(bytes(uuid)), 0, memory, at + 48, 16);
    FixedText.encode(volumeName, memory, at + 64, VOLUME_NAME_SIZE);
    LittleEndian.putI32(memory, at + 80, incompatible);
    LittleEndian.putU16(memory, at + 84, compression);
    LittleEndian.putU16(memory, at + 86, extraDevices);
    LittleEndian.putU16(memory, at + 88, deviceTableSlot);
    LittleEndian.putU8(memory, at + 90, directoryBlockBits);
    LittleEndian.putU8(memory, at + 91, xattrPrefixCount);
    LittleEndian.putU32(memory, at + 92, xattrPrefixStart);
    LittleEndian.putI64(memory, at + 96, packedNid);
    LittleEndian.putU8(memory, at + 104, xattrFilterReserved);
    LittleEndian.putU8(memory, at + 105, sharedContentPrefix);
    LittleEndian.putU32(memory, at + 108, buildTime);
    if (metaboxNid != 0) {
      LittleEndian.putI64(memory, at + 128, metaboxNid);
    }
  }

  private void encodeRootAndBlocks(MemorySegment memory, long at) {
    boolean wide =
        has(IncompatibleFeature.WIDE_ADDRESSES)
            && (rootNid < 0 || rootNid > 0xffff || blocks > 0xffff_ffffL);
    LittleEndian.putU16(memory, at + 14, Math.toIntExact(wide ? blocks >>> 32 : rootNid));
    LittleEndian.putU32(memory, at + 36, wide ? blocks & 0xffff_ffffL : blocks);
    LittleEndian.putI64(memory, at + 112, wide ? rootNid : 0);
  }

  /**
   * Returns the number of bytes from {@link #OFFSET} on that the checksum covers: to the end of the
   * first block, or one block when the superblock starts at or after that.
   */
  public static int checksummedBytes(int blockBits) {
    int blockSize = 1 << blockBits;
    return blockSize > OFFSET ? blockSize - OFFSET : blockSize;
  }

  /**
   * Computes the checksum: CRC-32C without the final inversion, the checksum's own field taken as
   * zero.
   *
   * @param memory the image from byte {@link #OFFSET} on, at least {@link #checksummedBytes} long
   */
  public static int checksum(MemorySegment memory, int blockBits) {
    ByteBuffer bytes =
        memory
            .asSlice(0, checksummedBytes(blockBits))
            .asByteBuffer()
            .order(ByteOrder.nativeOrder());
    CRC32C crc = new CRC32C();
    crc.update(bytes.slice(0, CHECKSUM_AT));
    crc.update(new byte[Integer.BYTES]);
    int rest = CHECKSUM_AT + Integer.BYTES;
    crc.update(bytes.slice(rest, bytes.limit() - rest));
    return ~(int) crc.getValue();
  }

  /** Computes the checksum and writes it into the superblock at the start of {@code memory}. */
  public static void seal(MemorySegment memory, int blockBits) {
    LittleEndian.putI32(memory, CHECKSUM_AT, checksum(memory, blockBits));
  }

  private static UUID uuid(MemorySegment memory) {
    ByteBuffer bytes = memory.asByteBuffer().order(ByteOrder.BIG_ENDIAN);
    return new UUID(bytes.getLong(0), bytes.getLong(8));
  }

  private static byte[] bytes(UUID uuid) {
    return ByteBuffer.allocate(16)
        .putLong(uuid.getMostSignificantBits())
        .putLong(uuid.getLeastSignificantBits())
        .array();
  }
}
