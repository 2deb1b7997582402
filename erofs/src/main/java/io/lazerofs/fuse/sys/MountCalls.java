package io.lazerofs.fuse.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.lazerofs.sys.LibC;
import io.lazerofs.sys.SystemCallException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/** The system calls mount(2) and umount2(2). */
public final class MountCalls {
  /** Read-only (include/uapi/linux/mount.h, MS_RDONLY). */
  public static final long READ_ONLY = 1;

  /** Detach a busy mount from the tree; it ends with its last user (MNT_DETACH). */
  public static final int DETACH = 2;

  /**
   * {@code int mount(const char *source, const char *target, const char *type, unsigned long flags,
   * const void *data)}.
   */
  private static final MethodHandle MOUNT =
      LibC.function(
          "mount", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS));

  /** {@code int umount2(const char *target, int flags)}. */
  private static final MethodHandle UMOUNT2 =
      LibC.function("umount2", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));

  private MountCalls() {}

  /**
   * Mounts a file system of {@code type}.
   *
   * @param options what the type's own parser takes, separated by commas
   */
  public static void mount(String source, Path target, String type, long flags, String options)
      throws SystemCallException {
    LibC.call(
        "mount",
        target::toString,
        (arena, state) ->
            (int)
                MOUNT.invokeExact(
                    state,
                    arena.allocateFrom(source),
                    arena.allocateFrom(target.toString()),
                    arena.allocateFrom(type),
                    flags,
                    arena.allocateFrom(options)));
  }

  /**
   * Unmounts what is mounted on {@code target}.
   *
   * @param flags 0 or {@link #DETACH}
   */
  public static void unmount(Path target, int flags) throws SystemCallException {
    LibC.call(
        "umount",
        target::toString,
        (arena, state) ->
            (int) UMOUNT2.invokeExact(state, arena.allocateFrom(target.toString()), flags));
  }
}
