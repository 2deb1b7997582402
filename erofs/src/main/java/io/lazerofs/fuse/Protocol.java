package io.lazerofs.fuse;

/** The numbers of the FUSE protocol (include/uapi/linux/fuse.h), without their FUSE_ prefix. */
final class Protocol {
  static final int MAJOR = 7;

  /** The newest minor version whose messages this package knows (HAS_RESEND came with it). */
  static final int NEWEST_MINOR = 40;

  /** The oldest minor version that has all of what this package relies on (Linux 5.4). */
  static final int OLDEST_MINOR = 31;

  /** The unit of max_pages, whatever the kernel's page size is configured to. */
  static final int PAGE_BYTES = 4096;

  /** The smallest buffer that the kernel takes to read a request into (MIN_READ_BUFFER). */
  static final int REQUEST_BYTES = 8192;

  /** What an open file keeps of an earlier one: the pages in the cache (FOPEN_KEEP_CACHE). */
  static final int KEEP_CACHE = 1 << 1;

  /** Tells the kernel to send what was not answered again (enum fuse_notify_code, RESEND). */
  static final int NOTIFY_RESEND = 7;

  private Protocol() {}

  /** Operation codes (enum fuse_opcode). */
  static final class Operation {
    static final int LOOKUP = 1;
    static final int FORGET = 2;
    static final int GETATTR = 3;
    static final int SETATTR = 4;
    static final int READLINK = 5;
    static final int SYMLINK = 6;
    static final int MKNOD = 8;
    static final int MKDIR = 9;
    static final int UNLINK = 10;
    static final int RMDIR = 11;
    static final int RENAME = 12;
    static final int LINK = 13;
    static final int OPEN = 14;
    static final int READ = 15;
    static final int WRITE = 16;
    static final int STATFS = 17;
    static final int RELEASE = 18;
    static final int SETXATTR = 21;
    static final int GETXATTR = 22;
    static final int LISTXATTR = 23;
    static final int REMOVEXATTR = 24;
    static final int INIT = 26;
    static final int READDIR = 28;
    static final int CREATE = 35;
    static final int INTERRUPT = 36;
    static final int DESTROY = 38;
    static final int BATCH_FORGET = 42;
    static final int FALLOCATE = 43;
    static final int READDIRPLUS = 44;
    static final int RENAME2 = 45;
    static final int LSEEK = 46;
    static final int COPY_FILE_RANGE = 47;
    static final int TMPFILE = 51;

    private Operation() {}
  }

  /** Features of a session, as INIT offers and takes them (64 bits, flags2 in the upper half). */
  static final class Feature {
    static final long ASYNC_READ = 1L << 0;
    static final long DO_READDIRPLUS = 1L << 13;
    static final long READDIRPLUS_AUTO = 1L << 14;
    static final long ASYNC_DIO = 1L << 15;
    static final long NO_OPEN_SUPPORT = 1L << 17;
    static final long PARALLEL_DIROPS = 1L << 18;
    static final long MAX_PAGES = 1L << 22;
    static final long CACHE_SYMLINKS = 1L << 23;
    static final long NO_OPENDIR_SUPPORT = 1L << 24;
    static final long EXPLICIT_INVAL_DATA = 1L << 25;
    static final long INIT_EXT = 1L << 30;
    static final long HAS_RESEND = 1L << 39;
    static final long ALLOW_IDMAP = 1L << 40;

    private Feature() {}
  }
}
