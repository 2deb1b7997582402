package io.lazerofs.erofs.check;

import io.lazerofs.erofs.ErofsException;
import io.lazerofs.erofs.ErofsImage;
import io.lazerofs.erofs.disk.CompatibleFeatures;
import io.lazerofs.erofs.disk.LittleEndian;
import io.lazerofs.erofs.disk.Superblock;
import io.lazerofs.source.ByteSource;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The check of what an image needs to be opened at all: superblock, features, compression
 * configurations, device table, long xattr prefixes and root.
 *
 * <p>A wrong checksum need not end the check: an image that cannot be opened is opened once more as
 * if it had none.
 */
final class SuperblockCheck {
  private static final String WHERE = "superblock";

  /** The byte of the superblock that {@link CompatibleFeatures#CHECKSUM} is in. */
  private static final long FLAG_OFFSET = Superblock.OFFSET + 8;

  private SuperblockCheck() {}

  /** Opens an image; empty when a fault stands in the way of that. */
  static Optional<ErofsImage> open(
      ByteSource primary, List<ByteSource> devices, Consumer<Fault> faults) throws IOException {
    Fault fault;
    try {
      return Optional.of(ErofsImage.open(primary, devices));
    } catch (ErofsException e) {
      fault = Fault.of(WHERE, Superblock.OFFSET, e);
      faults.accept(fault);
    }
    try {
      return Optional.of(ErofsImage.open(new WithoutChecksum(primary), devices));
    } catch (ErofsException e) {
      Fault other = Fault.of(WHERE, Superblock.OFFSET, e);
      if (!other.equals(fault)) {
        faults.accept(other);
      }
      return Optional.empty();
    }
  }

  /** A primary device whose superblock says that it has no checksum. */
  private record WithoutChecksum(ByteSource whole) implements ByteSource {
    @Override
    public long size() {
      return whole.size();
    }

    @Override
    public void read(long offset, MemorySegment destination) throws IOException {
      whole.read(offset, destination);
      long at = FLAG_OFFSET - offset;
      if (at >= 0 && at < destination.byteSize()) {
        LittleEndian.putU8(
            destination, at, LittleEndian.u8(destination, at) & ~CompatibleFeatures.CHECKSUM);
      }
    }

    @Override
    public void fill(long offset, long length) throws IOException {
      whole.fill(offset, length);
    }

    @Override
    public void close() throws IOException {
      whole.close();
    }
  }
}
