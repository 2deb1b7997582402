package io.lazerofs.fuse.sys;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * What statx(2) tells of a file that the Java library does not: above all how much of it is
 * allocated.
 *
 * @param inode its number in its file system
 * @param links the number of its names
 * @param allocatedBytes what it takes on the disk; less than its size when it has holes
 */
public record FileStatus(long inode, int links, long allocatedBytes) {
  private static final int WORKING_DIRECTORY = -100; // AT_FDCWD
  private static final int NO_FOLLOW = 0x100; // AT_SYMLINK_NOFOLLOW
  private static final int BASIC = 0x7ff; // STATX_BASIC_STATS

  // struct statx (include/uapi/linux/stat.h)
  private static final long SIZE = 256;
  private static final long LINKS = 16;
  private static final long INODE = 32;
  private static final long BLOCKS = 48;
  private static final int BLOCK_BYTES = 512;

  /**
   * Returns the status of a file, or of a symbolic link itself.
   *
   * @throws NoSuchFileException when there is none
   */
  public static FileStatus of(Path path) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = LibC.newCallState(arena);
      MemorySegment result = arena.allocate(SIZE, Long.BYTES);
      if (statx(state, name(arena, path), result) < 0) {
        int errno = LibC.errno(state);
        throw errno == NO_ENTRY
            ? new NoSuchFileException(path.toString())
            : new SystemCallException("statx", path.toString(), errno);
      }
      return new FileStatus(
          result.get(JAVA_LONG, INODE),
          result.get(JAVA_INT, LINKS),
          result.get(JAVA_LONG, BLOCKS) * BLOCK_BYTES);
    }
  }

  private static final int NO_ENTRY = 2; // ENOENT

  private static int statx(MemorySegment state, MemorySegment path, MemorySegment result) {
    try {
      return (int) LibC.STATX.invokeExact(state, WORKING_DIRECTORY, path, NO_FOLLOW, BASIC, result);
    } catch (Throwable t) {
      throw LibC.unexpected(t);
    }
  }

  /** Returns a path as the bytes that the kernel knows it by, which need not be text. */
  private static MemorySegment name(Arena arena, Path path) {
    URI uri = path.toUri();
    byte[] encoded = uri.getRawPath().getBytes(StandardCharsets.US_ASCII);
    MemorySegment name = arena.allocate(encoded.length + 1L);
    long length = 0;
    for (int i = 0; i < encoded.length; i++) {
      byte b = encoded[i];
      if (b == '%') {
        b = (byte) Integer.parseInt(uri.getRawPath(), i + 1, i + 3, 16);
        i += 2;
      }
      name.set(JAVA_BYTE, length++, b);
    }
    return name;
  }
}
