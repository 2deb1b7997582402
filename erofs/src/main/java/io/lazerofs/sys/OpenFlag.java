package io.lazerofs.sys;

/** The flags of open(2), with the numbers that they have on this machine's architecture. */
public final class OpenFlag {
  public static final int READ_ONLY = 0;
  public static final int WRITE_ONLY = 1;
  public static final int READ_WRITE = 2;

  /** Make the file (O_CREAT). */
  public static final int CREATE = 0x40;

  /** With {@link #CREATE}: fail when the name is taken, by whatever (O_EXCL). */
  public static final int EXCLUSIVE = 0x80;

  /** Never become the terminal of this process (O_NOCTTY). */
  public static final int NO_TERMINAL = 0x100;

  /** Write at the end of the file, wherever that is (O_APPEND). */
  public static final int APPEND = 0x400;

  /** Do not wait for the other end of a pipe (O_NONBLOCK). */
  public static final int NON_BLOCKING = 0x800;

  /** Fail unless it is a directory (O_DIRECTORY). */
  public static final int DIRECTORY;

  /** Fail when the last name of the path is a symbolic link (O_NOFOLLOW). */
  public static final int NO_FOLLOW;

  /** Read past the page cache (O_DIRECT). */
  public static final int DIRECT;

  static final int CLOSE_ON_EXEC = 0x80000;

  // asm-generic/fcntl.h, and where arch/*/include/uapi/asm/fcntl.h differs from it.
  static {
    switch (System.getProperty("os.arch")) {
      case "aarch64" -> {
        DIRECTORY = 0x4000;
        NO_FOLLOW = 0x8000;
        DIRECT = 0x10000;
      }
      case "ppc64le" -> {
        DIRECTORY = 0x4000;
        NO_FOLLOW = 0x8000;
        DIRECT = 0x20000;
      }
      default -> {
        DIRECTORY = 0x10000;
        NO_FOLLOW = 0x20000;
        DIRECT = 0x4000;
      }
    }
  }

  private OpenFlag() {}
}
