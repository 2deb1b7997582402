package io.lazerofs.erofs.disk;

/** The type of a file in a {@link Dirent}; the constants stand in the order of their codes. */
public enum FileType {
  UNKNOWN(0, 0),
  REGULAR(1, 8),
  DIRECTORY(2, 4),
  CHARACTER_DEVICE(3, 2),
  BLOCK_DEVICE(4, 6),
  FIFO(5, 1),
  SOCKET(6, 12),
  SYMLINK(7, 10);

  private static final int MODE_SHIFT = 12;
  private static final FileType[] BY_CODE = values();

  private final int code;
  private final int modeBits;

  FileType(int code, int modeBits) {
    this.code = code;
    this.modeBits = modeBits;
  }

  /** Returns the number on disk. */
  public int code() {
    return code;
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
