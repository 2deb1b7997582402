package io.lazerofs.erofs.summary;

import io.lazerofs.erofs.Extent;
import io.lazerofs.erofs.disk.Algorithm;

/** How the bytes of an extent are stored. */
public enum Storage {
  /** Not at all: they are zeros. */
  HOLE,
  /** In blocks, as they are. */
  PLAIN,
  /** Beside the inode, as they are. */
  INLINE,
  /** In a pcluster, as they are. */
  VERBATIM,
  LZ4,
  LZMA,
  DEFLATE,
  ZSTD,
  /** In the packed inode, which has extents of its own. */
  FRAGMENT;

  /** Returns how an extent is stored. */
  public static Storage of(Extent extent) {
    return switch (extent) {
      case Extent.Hole _ -> HOLE;
      case Extent.Plain _ -> PLAIN;
      case Extent.Inline _ -> INLINE;
      case Extent.Fragment _ -> FRAGMENT;
      case Extent.Compressed compressed ->
          switch (compressed.encoding()) {
            case Extent.Encoding.Verbatim _ -> VERBATIM;
            case Extent.Encoding.Coded coded -> of(coded.algorithm());
          };
    };
  }

  private static Storage of(Algorithm algorithm) {
    return switch (algorithm) {
      case LZ4 -> LZ4;
      case LZMA -> LZMA;
      case DEFLATE -> DEFLATE;
      case ZSTD -> ZSTD;
    };
  }

  /**
   * Returns the bytes that an extent takes on its device: whole blocks for plain ones, none for
   * holes and fragments.
   */
  public static long storedBytes(Extent extent) {
    return switch (extent) {
      case Extent.Hole _, Extent.Fragment _ -> 0;
      case Extent.Plain plain -> plain.length();
      case Extent.Inline inline -> inline.length();
      case Extent.Compressed compressed -> compressed.stored();
    };
  }
}
