package io.lazerofs.files;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.lazerofs.sys.LibC;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.invoke.MethodHandle;

/**
 * The functions of the C library that work on files and directories, each with its C declaration.
 * {@code size_t}, {@code off_t} and {@code dev_t} have 64 bits on every machine that Java 25 runs
 * on.
 */
final class Calls {
  /** {@code ssize_t getdents64(int fd, void *entries, size_t size)}; glibc 2.30. */
  static final MethodHandle GETDENTS = longCall("getdents64", JAVA_INT, ADDRESS, JAVA_LONG);

  /** {@code off_t lseek(int fd, off_t offset, int whence)}. */
  static final MethodHandle LSEEK = longCall("lseek", JAVA_INT, JAVA_LONG, JAVA_INT);

  /** {@code ssize_t readlinkat(int directory, const char *path, char *target, size_t size)}. */
  static final MethodHandle READLINKAT =
      longCall("readlinkat", JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG);

  /** {@code ssize_t llistxattr(const char *path, char *names, size_t size)}. */
  static final MethodHandle LLISTXATTR = longCall("llistxattr", ADDRESS, ADDRESS, JAVA_LONG);

  /** {@code ssize_t lgetxattr(const char *path, const char *name, void *value, size_t size)}. */
  static final MethodHandle LGETXATTR = longCall("lgetxattr", ADDRESS, ADDRESS, ADDRESS, JAVA_LONG);

  /** {@code ssize_t pread(int fd, void *to, size_t size, off_t position)}. */
  static final MethodHandle PREAD = longCall("pread", JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG);

  /**
   * {@link #PREAD} with the address as a number: no object is made for a part of a buffer, and the
   * caller keeps the memory alive.
   */
  static final MethodHandle PREAD_AT = longCall("pread", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG);

  /** {@code ssize_t pwrite(int fd, const void *from, size_t size, off_t position)}. */
  static final MethodHandle PWRITE = longCall("pwrite", JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG);

  /** {@code int ftruncate(int fd, off_t size)}. */
  static final MethodHandle FTRUNCATE = intCall("ftruncate", JAVA_INT, JAVA_LONG);

  /** {@code int fallocate(int fd, int mode, off_t offset, off_t length)}. */
  static final MethodHandle FALLOCATE =
      intCall("fallocate", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG);

  /** {@code int mkdirat(int directory, const char *path, mode_t mode)}. */
  static final MethodHandle MKDIRAT = intCall("mkdirat", JAVA_INT, ADDRESS, JAVA_INT);

  /**
   * {@code int mknodat(int directory, const char *path, mode_t mode, dev_t device)}; glibc 2.33.
   */
  static final MethodHandle MKNODAT = intCall("mknodat", JAVA_INT, ADDRESS, JAVA_INT, JAVA_LONG);

  /** {@code int symlinkat(const char *target, int directory, const char *path)}. */
  static final MethodHandle SYMLINKAT = intCall("symlinkat", ADDRESS, JAVA_INT, ADDRESS);

  /**
   * {@code int linkat(int directory, const char *path, int newDirectory, const char *newPath, int
   * flags)}.
   */
  static final MethodHandle LINKAT =
      intCall("linkat", JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, JAVA_INT);

  /** {@code int unlinkat(int directory, const char *path, int flags)}. */
  static final MethodHandle UNLINKAT = intCall("unlinkat", JAVA_INT, ADDRESS, JAVA_INT);

  /** {@code int fchownat(int directory, const char *path, uid_t uid, gid_t gid, int flags)}. */
  static final MethodHandle FCHOWNAT =
      intCall("fchownat", JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, JAVA_INT);

  /** {@code int fchmodat(int directory, const char *path, mode_t mode, int flags)}. */
  static final MethodHandle FCHMODAT = intCall("fchmodat", JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);

  /**
   * {@code int lsetxattr(const char *path, const char *name, const void *value, size_t size, int
   * flags)}.
   */
  static final MethodHandle LSETXATTR =
      intCall("lsetxattr", ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT);

  /**
   * {@code int utimensat(int directory, const char *path, const struct timespec times[2], int
   * flags)}.
   */
  static final MethodHandle UTIMENSAT = intCall("utimensat", JAVA_INT, ADDRESS, ADDRESS, JAVA_INT);

  private Calls() {}

  private static MethodHandle intCall(String name, MemoryLayout... arguments) {
    return LibC.function(name, FunctionDescriptor.of(JAVA_INT, arguments));
  }

  private static MethodHandle longCall(String name, MemoryLayout... arguments) {
    return LibC.function(name, FunctionDescriptor.of(JAVA_LONG, arguments));
  }
}
