package io.lazerofs.erofs;

import io.lazerofs.erofs.disk.CompatibleFeatures;
import io.lazerofs.erofs.disk.IncompatibleFeature;
import io.lazerofs.erofs.disk.Superblock;
import io.lazerofs.source.ByteSource;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** Reads and checks the superblock of an image. */
final class SuperblockReader {
  private static final int MIN_BLOCK_BITS = 9;
  private static final int MAX_BLOCK_BITS = 16;
  private static final int MAX_NANOSECONDS = 999_999_999;

  private SuperblockReader() {}

  static Superblock read(ByteSource primary) throws IOException {
    MemorySegment start = Checked.bytes(primary, Superblock.OFFSET, Superblock.SIZE, "superblock");
    if (!Superblock.isAt(start, 0)) {
      throw new CorruptImageException(
          Superblock.OFFSET, "magic number", "0xe0f5e1e2", "not an EROFS image");
    }
    Superblock superblock = Superblock.decode(start, 0);
    checkFeatures(superblock);
    if (superblock.extensionSlots() > 0) {
      superblock =
          Superblock.decode(
              Checked.bytes(
                  primary, Superblock.OFFSET, superblock.size(), "superblock's extension"),
              0);
    }
    checkFields(superblock);
    checkChecksum(primary, superblock);
    return superblock;
  }

  private static void checkFeatures(Superblock superblock) throws UnsupportedFeatureException {
    int unknown = IncompatibleFeature.unknown(superblock.incompatible());
    if (unknown != 0) {
      throw new UnsupportedFeatureException(
          "unknown incompatible features", Integer.toUnsignedLong(unknown));
    }
    if (superblock.directoryBlockBits() != 0) {
      throw new UnsupportedFeatureException(
          "directory block size", superblock.directoryBlockBits());
    }
  }

  private static void checkFields(Superblock superblock) throws CorruptImageException {
    int bits = superblock.blockBits();
    if (bits < MIN_BLOCK_BITS || bits > MAX_BLOCK_BITS) {
      throw new CorruptImageException(
          Superblock.OFFSET, "block bits", MIN_BLOCK_BITS + " to " + MAX_BLOCK_BITS, bits);
    }
    int nanoseconds = superblock.fixedNanoseconds();
    if (nanoseconds < 0 || nanoseconds > MAX_NANOSECONDS) {
      throw new CorruptImageException(
          Superblock.OFFSET, "nanoseconds", "at most " + MAX_NANOSECONDS, nanoseconds);
    }
  }

  private static void checkChecksum(ByteSource primary, Superblock superblock) throws IOException {
    if (!superblock.hasCompatible(CompatibleFeatures.CHECKSUM)) {
      return;
    }
    int bits = superblock.blockBits();
    MemorySegment covered =
        Checked.bytes(
            primary, Superblock.OFFSET, Superblock.checksummedBytes(bits), "superblock's block");
    int actual = Superblock.checksum(covered, bits);
    if (actual != superblock.checksum()) {
      throw new CorruptImageException(
          Superblock.OFFSET,
          "superblock checksum",
          "0x%08x".formatted(superblock.checksum()),
          "0x%08x".formatted(actual));
    }
  }
}
