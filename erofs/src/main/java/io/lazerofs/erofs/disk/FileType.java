package io.lazerofs.erofs.disk;

/** The type of a file in a {@link Dirent}; the constants stand in the order of their codes. */
public enum FileType {
  UNKNOWN(0),
  REGULAR(8),
  DIRECTORY(4),
  CHARACTER_DEVICE(2),
  BLOCK_DEVICE(6),
  FIFO(1),
  SOCKET(12),
  SYMLINK(10);

  private static final int MODE_SHIFT = 12;
  private static final FileType[] BY_CODE = values();

  private final int modeBits;

  FileType(int modeBits) {
    this.modeBits = modeBits;
  }

  /** Returns the number on disk. */
  public int code() {
    return ordinal();
  }

  /** Returns the DT_* number of readdir(3): the type bits of st_mode, shifted right by 12. */
  public int dirent() {
    return modeBits;
  }

  /** Returns the type of an st_mode, {@link #UNKNOWN} for bits that are no type. */
  public static FileType ofMode(int mode) {
    for (FileType type : BY_CODE) {
      if (type.modeBits == mode >> MODE_SHIFT) {
        return type;
      }
    }
    return UNKNOWN;
  }

  /** Returns the type of a code on disk, {@link #UNKNOWN} for one that is not assigned. */
  public static FileType ofCode(int code) {
    return code >= 0 && code < BY_CODE.length ? BY_CODE[code] : UNKNOWN;
  }
}
