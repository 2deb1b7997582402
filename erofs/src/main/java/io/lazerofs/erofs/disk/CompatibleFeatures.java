package io.lazerofs.erofs.disk;

/** The bits of {@link Superblock#compatible}: a reader may ignore those that it does not know. */
public final class CompatibleFeatures {

  /** The superblock has a checksum. */
  public static final int CHECKSUM = 0x1;

  /** Times are those of last modification. */
  public static final int MTIME = 0x2;

  /** Xattr headers carry name filters. */
  public static final int XATTR_FILTER = 0x4;

  /** Shared xattrs lie in the metabox inode. */
  public static final int SHARED_XATTRS_IN_METABOX = 0x8;

  /** Long xattr name prefixes lie on the device itself, not inside an inode. */
  public static final int PLAIN_XATTR_PREFIXES = 0x10;

  private CompatibleFeatures() {}
}
