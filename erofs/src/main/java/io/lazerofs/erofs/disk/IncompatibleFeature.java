package io.lazerofs.erofs.disk;

/**
 * A bit of {@link Superblock#incompatible}: a reader that does not know it must refuse the image.
 * Where features came with the same kernel they share a bit.
 */
public enum IncompatibleFeature {
  /** Compressed data stands at the end of its blocks. */
  ZERO_PADDING(0x1, "LZ4_0PADDING"),
  /** Compression configurations follow the superblock; compressed extents span many blocks. */
  COMPRESSION_CONFIGS(0x2, "COMPR_CFGS/BIG_PCLUSTER"),
  /** Files may be mapped by chunks. */
  CHUNKED_FILE(0x4, "CHUNKED_FILE"),
  /** There is a device table; files may use a second compression algorithm. */
  DEVICE_TABLE(0x8, "DEVICE_TABLE/COMPR_HEAD2"),
  /** The compressed tail of a file may lie beside its inode. */
  TAIL_PACKING(0x10, "ZTAILPACKING"),
  /** Parts of files may lie in the packed inode, or be shared by several files. */
  FRAGMENTS(0x20, "FRAGMENTS/DEDUPE"),
  /** Xattr names may begin with long prefixes. */
  XATTR_PREFIXES(0x40, "XATTR_PREFIXES"),
  /** Block addresses of 48 bits, nids of 64 for the root, omitted "." entries. */
  WIDE_ADDRESSES(0x80, "48BIT"),
  /** Inodes may lie inside another inode. */
  METABOX(0x100, "METABOX");

  private final int bit;
  private final String kernelName;

  IncompatibleFeature(int bit, String kernelName) {
    this.bit = bit;
    this.kernelName = kernelName;
  }

  /** Returns the bit in {@link Superblock#incompatible}. */
  public int bit() {
    return bit;
  }

  /** Returns the name that the kernel and erofs-utils use. */
  public String kernelName() {
    return kernelName;
  }

  /** Returns those of {@code bits} that are no feature listed here. */
  public static int unknown(int bits) {
    int unknown = bits;
    for (IncompatibleFeature feature : values()) {
      unknown &= ~feature.bit;
    }
    return unknown;
  }
}
