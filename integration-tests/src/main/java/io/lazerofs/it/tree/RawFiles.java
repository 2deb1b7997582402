package io.lazerofs.it.tree;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;

/**
 * The file system by system calls: paths of any bytes, every attribute, and no symbolic link
 * followed. Methods throw {@link SystemCallFailure}.
 */
public final class RawFiles {
  private static final int AT_FDCWD = -100;
  private static final int AT_SYMLINK_NOFOLLOW = 0x100;
  private static final int LARGEST = 1 << 16;
  private static final int EBUSY = 16;
  private static final int UNMOUNT_ATTEMPTS = 5000;

  private static final LibC MKDIR =
      LibC.function("mkdir", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
  private static final LibC MKNOD =
      LibC.function("mknod", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_LONG));
  private static final LibC SYMLINK =
      LibC.function("symlink", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS));
  private static final LibC LINK =
      LibC.function("link", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS));
  private static final LibC LCHOWN =
      LibC.function("lchown", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT));
  private static final LibC CHMOD =
      LibC.function("chmod", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
  private static final LibC UTIMENSAT =
      LibC.function(
          "utimensat", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, JAVA_INT));
  private static final LibC LSETXATTR =
      LibC.function(
          "lsetxattr",
          FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT));
  private static final LibC LGETXATTR =
      LibC.function(
          "lgetxattr", FunctionDescriptor.of(JAVA_LONG, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG));
  private static final LibC LLISTXATTR =
      LibC.function("llistxattr", FunctionDescriptor.of(JAVA_LONG, ADDRESS, ADDRESS, JAVA_LONG));
  private static final LibC READLINK =
      LibC.function("readlink", FunctionDescriptor.of(JAVA_LONG, ADDRESS, ADDRESS, JAVA_LONG));
  private static final LibC STATX =
      LibC.function(
          "statx", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS));
  private static final LibC OPENDIR =
      LibC.function("opendir", FunctionDescriptor.of(ADDRESS, ADDRESS));
  private static final LibC READDIR =
      LibC.function("readdir64", FunctionDescriptor.of(ADDRESS, ADDRESS));
  private static final LibC CLOSEDIR =
      LibC.function("closedir", FunctionDescriptor.of(JAVA_INT, ADDRESS));
  private static final LibC MOUNT =
      LibC.function(
          "mount", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS));
  private static final LibC UMOUNT =
      LibC.function("umount", FunctionDescriptor.of(JAVA_INT, ADDRESS));

  private RawFiles() {}

  /** Makes a directory for its owner alone. */
  public static void makeDirectory(String path) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MKDIR.call(LibC.string(arena, path), 0700);
    }
  }

  /**
   * Makes a file of any type but directory and symbolic link.
   *
   * @param mode the type in the bits of st_mode, and permissions
   */
  public static void makeNode(String path, int mode, int major, int minor) throws IOException {
    long device = (long) (major & 0xfff) << 8 | (minor & 0xff) | (long) (minor & ~0xff) << 12;
    try (Arena arena = Arena.ofConfined()) {
      MKNOD.call(LibC.string(arena, path), mode, device);
    }
  }

  /** Makes a symbolic link. */
  public static void makeSymlink(String path, String target) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      SYMLINK.call(LibC.string(arena, target), LibC.string(arena, path));
    }
  }

  /** Gives a file another name. */
  public static void makeLink(String path, String existing) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      LINK.call(LibC.string(arena, existing), LibC.string(arena, path));
    }
  }

  /** Sets owner and group, of 32 bits each. */
  public static void setOwner(String path, long uid, long gid) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      LCHOWN.call(LibC.string(arena, path), (int) uid, (int) gid);
    }
  }

  /** Sets the low 12 bits of the mode of anything but a symbolic link. */
  public static void setPermissions(String path, int permissions) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      CHMOD.call(LibC.string(arena, path), permissions);
    }
  }

  /** Sets the time of last modification, and that of last access to the same. */
  public static void setTime(String path, long seconds, int nanoseconds) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment times =
          arena.allocateFrom(JAVA_LONG, seconds, nanoseconds, seconds, nanoseconds);
      UTIMENSAT.call(AT_FDCWD, LibC.string(arena, path), times, AT_SYMLINK_NOFOLLOW);
    }
  }

  /** Sets an extended attribute. */
  public static void setXattr(String path, String name, byte[] value) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      LSETXATTR.call(
          LibC.string(arena, path),
          LibC.string(arena, name),
          LibC.bytes(arena, value),
          (long) value.length,
          0);
    }
  }

  /** Returns all extended attributes that can be listed, by their full names. */
  public static SortedMap<String, String> xattrs(String path) throws IOException {
    SortedMap<String, String> xattrs = new TreeMap<>();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment file = LibC.string(arena, path);
      if (LLISTXATTR.call(file, MemorySegment.NULL, 0L) == 0) {
        return xattrs;
      }
      MemorySegment room = arena.allocate(LARGEST);
      String names = text(room, LLISTXATTR.call(file, room, (long) LARGEST));
      for (String name : names.split("\0")) {
        long length = LGETXATTR.call(file, LibC.string(arena, name), room, (long) LARGEST);
        xattrs.put(name, text(room, length));
      }
    }
    return xattrs;
  }

  /** Returns the target of a symbolic link. */
  public static String target(String path) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment room = arena.allocate(LARGEST);
      return text(room, READLINK.call(LibC.string(arena, path), room, (long) LARGEST));
    }
  }

  /** What statx(2) says; fields as there. */
  record Status(
      int mode,
      long uid,
      long gid,
      long links,
      long inode,
      long size,
      long seconds,
      int nanoseconds,
      String device) {}

  static Status status(String path) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      // struct statx of include/uapi/linux/stat.h.
      MemorySegment at = arena.allocate(256, 8);
      STATX.call(AT_FDCWD, LibC.string(arena, path), AT_SYMLINK_NOFOLLOW, 0x7ff, at);
      return new Status(
          at.get(ValueLayout.JAVA_SHORT, 28) & 0xffff,
          at.get(JAVA_INT, 20) & 0xffff_ffffL,
          at.get(JAVA_INT, 24) & 0xffff_ffffL,
          at.get(JAVA_INT, 16) & 0xffff_ffffL,
          at.get(JAVA_LONG, 32),
          at.get(JAVA_LONG, 40),
          at.get(JAVA_LONG, 112),
          at.get(JAVA_INT, 120),
          at.get(JAVA_INT, 128) + ":" + at.get(JAVA_INT, 132));
    }
  }

  /** Returns the names in a directory, those of itself and its parent left out. */
  static List<String> names(String path) throws IOException {
    List<String> names = new ArrayList<>();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment stream = OPENDIR.pointer(LibC.string(arena, path));
      if (stream.address() == 0) {
        throw new IOException("opendir " + path);
      }
      try {
        for (var entry = READDIR.pointer(stream);
            entry.address() != 0;
            entry = READDIR.pointer(stream)) {
          // struct dirent: inode and offset of 8 bytes, length of 2, type of 1, name up to its NUL.
          MemorySegment name = entry.reinterpret(19 + 256).asSlice(19);
          long length = 0;
          while (name.get(ValueLayout.JAVA_BYTE, length) != 0) {
            length++;
          }
          names.add(text(name, length));
        }
      } finally {
        CLOSEDIR.call(stream);
      }
    }
    names.remove(".");
    names.remove("..");
    return names;
  }

  /** Mounts a file system, see mount(2). */
  public static void mount(String source, String on, String type, long flags, String options)
      throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MOUNT.call(
          LibC.string(arena, source),
          LibC.string(arena, on),
          LibC.string(arena, type),
          flags,
          LibC.string(arena, options));
    }
  }

  /**
   * Unmounts what is mounted on a directory. Where another thread is starting a process, that holds
   * for a moment what was open here: so this waits a while if the mount is busy.
   */
  public static void unmount(String path) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment on = LibC.string(arena, path);
      for (int attempt = 1; ; attempt++) {
        try {
          UMOUNT.call(on);
          return;
        } catch (SystemCallFailure e) {
          if (e.errno() != EBUSY || attempt == UNMOUNT_ATTEMPTS) {
            throw e;
          }
          LockSupport.parkNanos(1_000_000);
        }
      }
    }
  }

  private static String text(MemorySegment memory, long length) {
    return FileFacts.text(memory.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE));
  }
}
