package io.lazerofs.files;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.lazerofs.sys.Descriptor;
import io.lazerofs.sys.LibC;
import io.lazerofs.sys.OpenFlag;
import io.lazerofs.sys.SystemCallException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * An open directory, and the files that have names in it.
 *
 * <p>Names are bytes: one component of a path each, where "." is the directory itself. A method
 * throws {@link IllegalArgumentException} for any other name that could lead elsewhere ("..", a
 * slash), for an empty one, and for a NUL in any argument. A name that is a symbolic link means the
 * link: nothing is followed. A failure is a {@link SystemCallException} that names the file.
 *
 * <p>Extended attributes have their full names ({@code trusted.overlay.opaque}) and are reached
 * through {@code /proc/self/fd}, which has to be mounted: the kernel has no older calls that take
 * an open directory and a name. Without root, those in {@code trusted.} are not there.
 *
 * <p>For one thread at a time; the owner closes it.
 */
public final class OpenDirectory implements AutoCloseable {
  private static final int NO_FOLLOW = 0x100; // AT_SYMLINK_NOFOLLOW
  private static final int OMIT_TIME = 0x3ffffffe; // UTIME_OMIT
  private static final int NO_XATTRS_HERE = 95; // EOPNOTSUPP
  private static final int SEEK_SET = 0;

  /** PATH_MAX: no symbolic link is longer, bytes. */
  private static final int LONGEST_TARGET = 4096;

  /** XATTR_LIST_MAX and XATTR_SIZE_MAX of include/uapi/linux/limits.h, bytes. */
  private static final int LARGEST_XATTR = 1 << 16;

  private static final int LISTING_BYTES = 1 << 15;

  // struct linux_dirent64 of getdents(2)
  private static final int RECORD_LENGTH = 16;
  private static final int RECORD_NAME = 19;

  private final Descriptor descriptor;
  private final String path;

  private OpenDirectory(Descriptor descriptor, String path) {
    this.descriptor = descriptor;
    this.path = path;
  }

  /** Opens a directory by its path, in which symbolic links are followed. */
  public static OpenDirectory open(Path path) throws SystemCallException {
    int flags = OpenFlag.READ_ONLY | OpenFlag.DIRECTORY;
    return new OpenDirectory(
        Descriptor.open(Descriptor.WORKING_DIRECTORY, PathBytes.of(path), flags, 0, path::toString),
        Printable.of(PathBytes.of(path)));
  }

  /** Opens a subdirectory. */
  public OpenDirectory directory(byte[] name) throws SystemCallException {
    return new OpenDirectory(openAt(name, OpenFlag.READ_ONLY | OpenFlag.DIRECTORY, 0), path(name));
  }

  /**
   * Opens a regular file for reading.
   *
   * @throws IOException when it cannot be opened, or is no regular file
   */
  public OpenFile file(byte[] name) throws IOException {
    // A pipe or device that has come to be here meanwhile must neither block nor take us over.
    int harmless = OpenFlag.READ_ONLY | OpenFlag.NON_BLOCKING | OpenFlag.NO_TERMINAL;
    return OpenFile.of(openAt(name, harmless, 0), path(name));
  }

  /** Returns the path of a name, as text for people. */
  public String path(byte[] name) {
    return Arrays.equals(name, new byte[] {'.'}) ? path : path + "/" + Printable.of(name);
  }

  /** Returns all names but "." and "..", in the order of their unsigned bytes. */
  public List<byte[]> names() throws SystemCallException {
    List<byte[]> names = new ArrayList<>();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment entries = arena.allocate(LISTING_BYTES, Long.BYTES);
      LibC.call(
          "lseek",
          () -> path,
          (_, state) -> (long) Calls.LSEEK.invokeExact(state, number(), 0L, SEEK_SET));
      for (long length = list(entries); length > 0; length = list(entries)) {
        addNames(entries.asSlice(0, length), names);
      }
    }
    names.sort(Arrays::compareUnsigned);
    return names;
  }

  private long list(MemorySegment entries) throws SystemCallException {
    return LibC.call(
        "getdents64",
        () -> path,
        (_, state) ->
            (long) Calls.GETDENTS.invokeExact(state, number(), entries, entries.byteSize()));
  }

  private static void addNames(MemorySegment entries, List<byte[]> names) {
    for (long at = 0; at < entries.byteSize(); ) {
      int length = Short.toUnsignedInt(entries.get(JAVA_SHORT, at + RECORD_LENGTH));
      byte[] name = terminated(entries.asSlice(at + RECORD_NAME, length - RECORD_NAME));
      if (!isDots(name)) {
        names.add(name);
      }
      at += length;
    }
  }

  private static byte[] terminated(MemorySegment string) {
    long length = 0;
    while (string.get(JAVA_BYTE, length) != 0) {
      length++;
    }
    return string.asSlice(0, length).toArray(JAVA_BYTE);
  }

  private static boolean isDots(byte[] name) {
    return name[0] == '.' && (name.length == 1 || (name.length == 2 && name[1] == '.'));
  }

  /** Returns the status of a file. */
  public FileStatus status(byte[] name) throws SystemCallException {
    return FileStatus.of(number(), checked(name), () -> path(name));
  }

  /** Returns the target of a symbolic link. */
  public byte[] readLink(byte[] name) throws SystemCallException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment target = arena.allocate(LONGEST_TARGET);
      long length =
          call(
              "readlink",
              name,
              (_, state, file) ->
                  (long)
                      Calls.READLINKAT.invokeExact(
                          state, number(), file, target, target.byteSize()));
      return target.asSlice(0, length).toArray(JAVA_BYTE);
    }
  }

  /** Returns the full names of a file's extended attributes, sorted by their unsigned bytes. */
  public List<byte[]> xattrNames(byte[] name) throws SystemCallException {
    List<byte[]> names = new ArrayList<>();
    try (Arena arena = Arena.ofConfined()) {
      // Most files have none, and that is told without any memory.
      if (listXattrs(name, MemorySegment.NULL) > 0) {
        MemorySegment list = arena.allocate(LARGEST_XATTR);
        long length = listXattrs(name, list);
        for (long at = 0; at < length; at += names.getLast().length + 1L) {
          names.add(terminated(list.asSlice(at)));
        }
      }
    } catch (SystemCallException e) {
      if (e.errno() != NO_XATTRS_HERE) {
        throw e;
      }
    }
    names.sort(Arrays::compareUnsigned);
    return names;
  }

  private long listXattrs(byte[] name, MemorySegment list) throws SystemCallException {
    return LibC.call(
        "llistxattr",
        () -> path(name),
        (arena, state) ->
            (long) Calls.LLISTXATTR.invokeExact(state, link(arena, name), list, list.byteSize()));
  }

  /** Returns the value of an extended attribute. */
  public byte[] xattr(byte[] name, byte[] xattr) throws SystemCallException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = arena.allocate(LARGEST_XATTR);
      long length =
          LibC.call(
              "lgetxattr " + Printable.of(xattr),
              () -> path(name),
              (own, state) ->
                  (long)
                      Calls.LGETXATTR.invokeExact(
                          state,
                          link(own, name),
                          LibC.string(own, xattr),
                          value,
                          value.byteSize()));
      return value.asSlice(0, length).toArray(JAVA_BYTE);
    }
  }

  /**
   * Makes a directory.
   *
   * @param permissions low 12 bits, less those of the umask
   */
  public void makeDirectory(byte[] name, int permissions) throws SystemCallException {
    call(
        "mkdir",
        name,
        (_, state, file) -> (int) Calls.MKDIRAT.invokeExact(state, number(), file, permissions));
  }

  /**
   * Makes a regular file, and fails when there is one of that name.
   *
   * @param permissions low 12 bits, less those of the umask
   */
  public NewFile makeFile(byte[] name, int permissions) throws SystemCallException {
    int flags = OpenFlag.WRITE_ONLY | OpenFlag.CREATE | OpenFlag.EXCLUSIVE;
    return new NewFile(openAt(name, flags, permissions), path(name));
  }

  /** Makes a symbolic link. */
  public void makeSymlink(byte[] name, byte[] target) throws SystemCallException {
    call(
        "symlink",
        name,
        (arena, state, file) ->
            (int) Calls.SYMLINKAT.invokeExact(state, LibC.string(arena, target), number(), file));
  }

  /** Gives the file that is called {@code existing} in another directory a name in this one. */
  public void makeLink(byte[] name, OpenDirectory other, byte[] existing)
      throws SystemCallException {
    call(
        "link",
        name,
        (arena, state, file) ->
            (int)
                Calls.LINKAT.invokeExact(
                    state,
                    other.number(),
                    LibC.string(arena, checked(existing)),
                    number(),
                    file,
                    0));
  }

  /**
   * Makes a device, pipe or socket.
   *
   * @param mode st_mode: the type, and permissions less those of the umask
   * @param major number of a device
   * @param minor number of a device
   */
  public void makeNode(byte[] name, int mode, int major, int minor) throws SystemCallException {
    // gnu_dev_makedev(3)
    long device =
        (major & 0xfffff000L) << 32
            | (major & 0xfffL) << 8
            | (minor & 0xffffff00L) << 12
            | minor & 0xffL;
    call(
        "mknod",
        name,
        (_, state, file) -> (int) Calls.MKNODAT.invokeExact(state, number(), file, mode, device));
  }

  /** Takes a name away from anything but a directory. */
  public void removeFile(byte[] name) throws SystemCallException {
    call(
        "unlink",
        name,
        (_, state, file) -> (int) Calls.UNLINKAT.invokeExact(state, number(), file, 0));
  }

  /**
   * Sets owner and group; the kernel then takes away what the permissions grant to the old ones.
   */
  public void setOwner(byte[] name, int uid, int gid) throws SystemCallException {
    call(
        "chown",
        name,
        (_, state, file) ->
            (int) Calls.FCHOWNAT.invokeExact(state, number(), file, uid, gid, NO_FOLLOW));
  }

  /**
   * Sets the permissions of anything but a symbolic link, which has none.
   *
   * @param permissions low 12 bits
   */
  public void setPermissions(byte[] name, int permissions) throws SystemCallException {
    call(
        "chmod",
        name,
        (_, state, file) ->
            (int) Calls.FCHMODAT.invokeExact(state, number(), file, permissions, NO_FOLLOW));
  }

  /** Sets an extended attribute, new or not. */
  public void setXattr(byte[] name, byte[] xattr, byte[] value) throws SystemCallException {
    LibC.call(
        "lsetxattr " + Printable.of(xattr),
        () -> path(name),
        (arena, state) ->
            (int)
                Calls.LSETXATTR.invokeExact(
                    state,
                    link(arena, name),
                    LibC.string(arena, xattr),
                    arena.allocateFrom(JAVA_BYTE, value),
                    (long) value.length,
                    0));
  }

  /**
   * Sets the time of last modification.
   *
   * @param seconds since 1970
   * @param nanoseconds 0 to 999,999,999
   */
  public void setModified(byte[] name, long seconds, int nanoseconds) throws SystemCallException {
    call(
        "utimensat",
        name,
        (arena, state, file) -> {
          MemorySegment times = arena.allocateFrom(JAVA_LONG, 0, OMIT_TIME, seconds, nanoseconds);
          return (int) Calls.UTIMENSAT.invokeExact(state, number(), file, times, NO_FOLLOW);
        });
  }

  @Override
  public void close() {
    descriptor.close();
  }

  /** A call that takes a name in this directory. */
  @FunctionalInterface
  private interface NamedCall {
    long make(Arena arena, MemorySegment state, MemorySegment name) throws Throwable;
  }

  private long call(String function, byte[] name, NamedCall call) throws SystemCallException {
    checked(name);
    return LibC.call(
        function,
        () -> path(name),
        (arena, state) -> call.make(arena, state, LibC.string(arena, name)));
  }

  private Descriptor openAt(byte[] name, int flags, int permissions) throws SystemCallException {
    int all = flags | OpenFlag.NO_FOLLOW;
    return Descriptor.open(number(), checked(name), all, permissions, () -> path(name));
  }

  private int number() {
    return descriptor.number();
  }

  /** Returns a path that leads to a name through this directory, wherever that is. */
  private MemorySegment link(Arena arena, byte[] name) {
    checked(name);
    byte[] start = ("/proc/self/fd/" + number() + "/").getBytes(StandardCharsets.US_ASCII);
    byte[] whole = Arrays.copyOf(start, start.length + name.length);
    System.arraycopy(name, 0, whole, start.length, name.length);
    return LibC.string(arena, whole);
  }

  private static byte[] checked(byte[] name) {
    boolean oneName = name.length > 0 && !Arrays.equals(name, new byte[] {'.', '.'});
    for (byte b : name) {
      oneName &= b != '/';
    }
    if (!oneName) {
      throw new IllegalArgumentException("not a name in a directory: " + Printable.of(name));
    }
    return name;
  }
}
