package io.lazerofs.erofs;

import io.lazerofs.erofs.disk.Algorithm;
import io.lazerofs.source.ByteSource;
import java.util.Optional;
import java.util.Set;

/**
 * Makes the extents of compressed files out of what their maps say, when that is possible: in the
 * limits of the format, inside the device or the packed inode, of an algorithm that the superblock
 * names (kernel: z_erofs_map_sanity_check in fs/erofs/zmap.c).
 */
final class PclusterRules {

  /** The largest pcluster, bytes. */
  static final int MAX_STORED = 1 << 20;

  /** The most bytes that a pcluster may stand for. */
  static final int MAX_DECODED = 12 << 20;

  private final Devices devices;
  private final Set<Algorithm> algorithms;
  private final Optional<ByteSource> packed;
  private final int blockSize;
  private final boolean atEnd;

  /**
   * @param algorithms those that the superblock names
   * @param packed the content of the packed inode; empty when the image has none, and while it is
   *     itself read: it has no fragments
   * @param atEnd whether streams stand at the end of their blocks; in older images they stand at
   *     the start, and may hold more than the file uses, as the kernel has it
   */
  PclusterRules(
      Devices devices,
      Set<Algorithm> algorithms,
      Optional<ByteSource> packed,
      int blockSize,
      boolean atEnd) {
    this.devices = devices;
    this.algorithms = algorithms;
    this.packed = packed;
    this.blockSize = blockSize;
    this.atEnd = atEnd;
  }

  /**
   * Returns the encoding for the code of an algorithm.
   *
   * @param position where the code is, for the exception
   */
  Extent.Encoding coded(int code, long position) throws ErofsException {
    Algorithm algorithm =
        Algorithm.ofCode(code)
            .orElseThrow(() -> new UnsupportedFeatureException("compression algorithm", code));
    if (!algorithms.contains(algorithm)) {
      throw new CorruptImageException(
          position, "compression algorithm", "one of " + algorithms, algorithm.toString());
    }
    return new Extent.Encoding.Coded(algorithm);
  }

  /**
   * Returns the encoding for a pcluster that is stored as it is. Only whole blocks can be
   * interlaced.
   */
  Extent.Encoding verbatim(boolean interlaced, long physical, long stored) {
    return new Extent.Encoding.Verbatim(interlaced && ((physical | stored) & blockSize - 1) == 0);
  }

  /**
   * Makes the extent of a pcluster on a device.
   *
   * @param start the first byte in the file
   * @param end the byte after the last one, more than {@code start}
   * @param physical a byte of the address space that all devices share
   */
  Extent pcluster(
      long start, long end, long physical, long stored, Extent.Encoding encoding, boolean partial)
      throws CorruptImageException {
    Devices.Place place = devices.resolve(physical);
    return pcluster(start, end, place.source(), place.offset(), stored, encoding, partial);
  }

  /** Makes the extent of a pcluster that is at {@code physical} of {@code source}. */
  Extent pcluster(
      long start,
      long end,
      ByteSource source,
      long physical,
      long stored,
      Extent.Encoding encoding,
      boolean partial)
      throws CorruptImageException {
    long length = end - start;
    if (stored < 1 || stored > MAX_STORED) {
      throw new CorruptImageException(
          physical, "size of a pcluster", "1 to " + MAX_STORED + " bytes", stored);
    }
    long most = encoding instanceof Extent.Encoding.Verbatim ? stored : MAX_DECODED;
    if (length > most) {
      throw new CorruptImageException(
          physical, "bytes that a pcluster stands for", "at most " + most, length);
    }
    Checked.range(source, physical, stored, "pcluster");
    return new Extent.Compressed(
        start, length, source, physical, (int) stored, encoding, partial || !atEnd);
  }

  /**
   * Makes the extent of a fragment.
   *
   * @param position where the map is, for the exception
   */
  Extent fragment(long start, long end, long packedOffset, long position)
      throws CorruptImageException {
    if (packed.isEmpty()) {
      throw new CorruptImageException(
          position, "fragment", "none without a packed inode and in it", packedOffset);
    }
    if (!Checked.within(packedOffset, end - start, packed.get().size())) {
      throw new CorruptImageException(
          position,
          "fragment",
          (end - start) + " bytes inside a packed inode of " + packed.get().size(),
          packedOffset);
    }
    return new Extent.Fragment(start, end - start, packedOffset);
  }
}
