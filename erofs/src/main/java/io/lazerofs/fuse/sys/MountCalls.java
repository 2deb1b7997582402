package io.lazerofs.fuse.sys;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/** The system calls mount(2) and umount2(2). */
public final class MountCalls {
  /** Read-only (include/uapi/linux/mount.h, MS_RDONLY). */
  public static final long READ_ONLY = 1;

  /** Detach a busy mount from the tree; it ends with its last user (MNT_DETACH). */
  public static final int DETACH = 2;

  private MountCalls() {}

  /**
   * Mounts a file system of {@code type}.
   *
   * @param options what the type's own parser takes, separated by commas
   */
  public static void mount(String source, Path target, String type, long flags, String options)
      throws SystemCallException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = LibC.newCallState(arena);
      int result =
          (int)
              LibC.MOUNT.invokeExact(
                  state,
                  arena.allocateFrom(source),
                  arena.allocateFrom(target.toString()),
                  arena.allocateFrom(type),
                  flags,
                  arena.allocateFrom(options));
      if (result < 0) {
        throw new SystemCallException("mount", target.toString(), LibC.errno(state));
      }
    } catch (SystemCallException | LinkageError e) {
      throw e;
    } catch (Throwable t) {
      throw LibC.unexpected(t);
    }
  }

  /**
   * Unmounts what is mounted on {@code target}.
   *
   * @param flags 0 or {@link #DETACH}
   */
  public static void unmount(Path target, int flags) throws SystemCallException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = LibC.newCallState(arena);
      int result =
          (int) LibC.UMOUNT2.invokeExact(state, arena.allocateFrom(target.toString()), flags);
      if (result < 0) {
        throw new SystemCallException("umount", target.toString(), LibC.errno(state));
      }
    } catch (SystemCallException | LinkageError e) {
      throw e;
    } catch (Throwable t) {
      throw LibC.unexpected(t);
    }
  }
}
