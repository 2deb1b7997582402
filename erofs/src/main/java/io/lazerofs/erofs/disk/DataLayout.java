package io.lazerofs.erofs.disk;

import java.util.Optional;

/** Where the content of an inode lies; the constants stand in the order of their codes. */
public enum DataLayout {
  /** In consecutive blocks. */
  FLAT_PLAIN(0),
  /** Compressed, with an index of 8 bytes a logical cluster or a list of extents. */
  COMPRESSED_FULL(1),
  /** In consecutive blocks, but the last one beside the inode. */
  FLAT_INLINE(2),
  /** Compressed, with a packed index. */
  COMPRESSED_COMPACT(3),
  /** In chunks of equal size, each anywhere on any device. */
  CHUNK_BASED(4);

  private static final DataLayout[] BY_CODE = values();

  private final int code;

  DataLayout(int code) {
    this.code = code;
  }

  /** Returns the number that stands for this layout in {@link InodeFormat}. */
  public int code() {
    return code;
  }

  /** Whether content of this layout is had by decoding. */
  public boolean compressed() {
    return this == COMPRESSED_FULL || this == COMPRESSED_COMPACT;
  }

  /** Returns the layout of a code, or empty for one that the format reserves. */
  public static Optional<DataLayout> ofCode(int code) {
    return code >= 0 && code < BY_CODE.length ? Optional.of(BY_CODE[code]) : Optional.empty();
  }
}
