package io.lazerofs.files;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.lazerofs.sys.Descriptor;
import io.lazerofs.sys.LibC;
import io.lazerofs.sys.SystemCallException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.function.Supplier;

/**
 * What statx(2) tells of a file.
 *
 * @param mode st_mode: type and permissions
 * @param uid owner, 32 bits
 * @param gid group, 32 bits
 * @param links the number of its names, 32 bits
 * @param size bytes of a regular file, holes included
 * @param allocatedBytes what it takes on the disk; less than its size when it has holes
 * @param fileSystem the file system that it is in; unique while that is mounted
 * @param inode its number there
 * @param deviceMajor number of a device, 0 for others
 * @param deviceMinor number of a device, 0 for others
 * @param seconds time of last modification, seconds since 1970
 * @param nanoseconds 0 to 999,999,999
 */
public record FileStatus(
    int mode,
    int uid,
    int gid,
    int links,
    long size,
    long allocatedBytes,
    long fileSystem,
    long inode,
    int deviceMajor,
    int deviceMinor,
    long seconds,
    int nanoseconds) {
  private static final int TYPE = 0xf000; // S_IFMT
  private static final int DIRECTORY = 0x4000; // S_IFDIR
  private static final int REGULAR = 0x8000; // S_IFREG

  private static final int NO_FOLLOW = 0x100; // AT_SYMLINK_NOFOLLOW
  private static final int EMPTY_PATH = 0x1000; // AT_EMPTY_PATH
  private static final int BASIC = 0x7ff; // STATX_BASIC_STATS
  private static final int NO_ENTRY = 2; // ENOENT
  private static final int BLOCK_BYTES = 512;
  private static final long STATX_BYTES = 256;

  /**
   * {@code int statx(int directory, const char *path, int flags, unsigned int mask, struct statx
   * *result)}.
   */
  private static final MethodHandle STATX =
      LibC.function(
          "statx", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS));

  /**
   * Returns the status of a file, or of a symbolic link itself.
   *
   * @throws NoSuchFileException when there is none
   */
  public static FileStatus of(Path path) throws NoSuchFileException, SystemCallException {
    try {
      return of(Descriptor.WORKING_DIRECTORY, PathBytes.of(path), path::toString);
    } catch (SystemCallException e) {
      if (e.errno() == NO_ENTRY) {
        throw new NoSuchFileException(path.toString());
      }
      throw e;
    }
  }

  /** Returns the status of a file, by its path from an open directory. */
  static FileStatus of(int directory, byte[] path, Supplier<String> subject)
      throws SystemCallException {
    try (Arena arena = Arena.ofConfined()) {
      return decode(statx(arena, directory, path, NO_FOLLOW, BASIC, subject));
    }
  }

  /** Returns the status of an open file. */
  static FileStatus of(Descriptor file, Supplier<String> subject) throws SystemCallException {
    try (Arena arena = Arena.ofConfined()) {
      return decode(statx(arena, file, BASIC, subject));
    }
  }

  /**
   * Returns the {@code struct statx} of an open file.
   *
   * @param mask what the kernel is asked for (STATX_…); its first word says what it told
   */
  static MemorySegment statx(Arena arena, Descriptor file, int mask, Supplier<String> subject)
      throws SystemCallException {
    return statx(arena, file.number(), new byte[0], EMPTY_PATH, mask, subject);
  }

  private static MemorySegment statx(
      Arena arena, int directory, byte[] path, int flags, int mask, Supplier<String> subject)
      throws SystemCallException {
    MemorySegment result = arena.allocate(STATX_BYTES, Long.BYTES);
    LibC.call(
        "statx",
        subject,
        (own, state) ->
            (int) STATX.invokeExact(state, directory, LibC.string(own, path), flags, mask, result));
    return result;
  }

  /** Decodes a struct statx of include/uapi/linux/stat.h. */
  private static FileStatus decode(MemorySegment statx) {
    return new FileStatus(
        Short.toUnsignedInt(statx.get(JAVA_SHORT, 28)),
        statx.get(JAVA_INT, 20),
        statx.get(JAVA_INT, 24),
        statx.get(JAVA_INT, 16),
        statx.get(JAVA_LONG, 40),
        statx.get(JAVA_LONG, 48) * BLOCK_BYTES,
        (long) statx.get(JAVA_INT, 136) << Integer.SIZE
            | Integer.toUnsignedLong(statx.get(JAVA_INT, 140)),
        statx.get(JAVA_LONG, 32),
        statx.get(JAVA_INT, 128),
        statx.get(JAVA_INT, 132),
        statx.get(JAVA_LONG, 112),
        statx.get(JAVA_INT, 120));
  }

  /** Whether this is the status of the same file as another; either may have changed since. */
  public boolean isSameFile(FileStatus other) {
    return inode == other.inode && fileSystem == other.fileSystem;
  }

  /** Returns the low 12 bits of the mode. */
  public int permissions() {
    return mode & ~TYPE;
  }

  /** Whether this is a directory. */
  public boolean isDirectory() {
    return (mode & TYPE) == DIRECTORY;
  }

  /** Whether this is a regular file. */
  public boolean isRegular() {
    return (mode & TYPE) == REGULAR;
  }
}
