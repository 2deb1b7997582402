package io.lazerofs.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.Map;

/**
 * A program that this process started in a session of its own, with open files of this process:
 * what {@link ProcessBuilder} does not give on, since it closes all but the first three.
 */
public final class ChildProcess {
  /** More than posix_spawn_file_actions_t and posix_spawnattr_t take in any C library, bytes. */
  private static final long OPAQUE_BYTES = 512;

  /** A session, hence a process group, of its own (POSIX_SPAWN_SETSID; glibc 2.26). */
  private static final short NEW_SESSION = 0x80;

  /**
   * Closes nothing yet: marks descriptors to be closed by exec (CLOSE_RANGE_CLOEXEC; Linux 5.11).
   */
  private static final long CLOSE_ON_EXEC = 4;

  private static final long CLOSE_RANGE = 436;
  private static final long FIRST_OTHER = 3;
  private static final long LAST = 0xFFFF_FFFFL;
  private static final int EINTR = 4;

  /**
   * {@code int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
   * const posix_spawnattr_t *attributes, char *const argv[], char *const envp[])}.
   */
  private static final MethodHandle POSIX_SPAWN =
      LibC.function(
          "posix_spawn",
          FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS));

  private static final MethodHandle ACTIONS_INIT = onOpaque("posix_spawn_file_actions_init");
  private static final MethodHandle ACTIONS_DESTROY = onOpaque("posix_spawn_file_actions_destroy");
  private static final MethodHandle ATTRIBUTES_INIT = onOpaque("posix_spawnattr_init");
  private static final MethodHandle ATTRIBUTES_DESTROY = onOpaque("posix_spawnattr_destroy");

  /** {@code int posix_spawn_file_actions_adddup2(actions, int from, int to)}. */
  private static final MethodHandle ADD_DUP2 =
      LibC.function(
          "posix_spawn_file_actions_adddup2",
          FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT));

  /** {@code int posix_spawnattr_setflags(attributes, short flags)}. */
  private static final MethodHandle SET_FLAGS =
      LibC.function(
          "posix_spawnattr_setflags", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_SHORT));

  /** {@code pid_t waitpid(pid_t pid, int *status, int options)}. */
  private static final MethodHandle WAITPID =
      LibC.function("waitpid", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));

  /** {@code long syscall(long number, ...)}, for close_range(2). */
  private static final MethodHandle SYSCALL =
      LibC.variadic(
          "syscall",
          FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
          1);

  private final int pid;

  private ChildProcess(int pid) {
    this.pid = pid;
  }

  private static MethodHandle onOpaque(String name) {
    return LibC.function(name, FunctionDescriptor.of(JAVA_INT, ADDRESS));
  }

  /**
   * Starts a program.
   *
   * @param program an absolute path
   * @param arguments its arguments from the zeroth on, as bytes without a NUL
   * @param environment its environment, as {@code NAME=value}, likewise
   * @param files by the number that each has in the program, descriptors of this process; its
   *     standard output and error are this process's unless they are among them, and it has no
   *     others
   */
  public static ChildProcess start(
      String program, List<byte[]> arguments, List<byte[]> environment, Map<Integer, Integer> files)
      throws SystemCallException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = LibC.newCallState(arena);
      MemorySegment actions = arena.allocate(OPAQUE_BYTES, Long.BYTES);
      MemorySegment attributes = arena.allocate(OPAQUE_BYTES, Long.BYTES);
      MemorySegment pid = arena.allocate(JAVA_INT);
      // Sockets of the JVM are inherited otherwise. None of its files is meant to be.
      long ignored =
          (long) SYSCALL.invokeExact(state, CLOSE_RANGE, FIRST_OTHER, LAST, CLOSE_ON_EXEC);
      check(program, (int) ACTIONS_INIT.invokeExact(state, actions));
      check(program, (int) ATTRIBUTES_INIT.invokeExact(state, attributes));
      try {
        for (Map.Entry<Integer, Integer> file : files.entrySet()) {
          int from = file.getValue();
          int to = file.getKey();
          check(program, (int) ADD_DUP2.invokeExact(state, actions, from, to));
        }
        check(program, (int) SET_FLAGS.invokeExact(state, attributes, NEW_SESSION));
        check(
            program,
            (int)
                POSIX_SPAWN.invokeExact(
                    state,
                    pid,
                    arena.allocateFrom(program),
                    actions,
                    attributes,
                    strings(arena, arguments),
                    strings(arena, environment)));
      } finally {
        int unused = (int) ACTIONS_DESTROY.invokeExact(state, actions);
        unused = (int) ATTRIBUTES_DESTROY.invokeExact(state, attributes);
      }
      return new ChildProcess(pid.get(JAVA_INT, 0));
    } catch (SystemCallException | RuntimeException | Error e) {
      throw e;
    } catch (Throwable t) {
      throw LibC.unexpected(t);
    }
  }

  /** These functions return the errno instead of leaving it. */
  private static void check(String program, int errno) throws SystemCallException {
    if (errno != 0) {
      throw new SystemCallException("posix_spawn", program, errno);
    }
  }

  private static MemorySegment strings(Arena arena, List<byte[]> strings) {
    MemorySegment array = arena.allocate(ADDRESS, strings.size() + 1L);
    for (int i = 0; i < strings.size(); i++) {
      array.setAtIndex(ADDRESS, i, LibC.string(arena, strings.get(i)));
    }
    return array;
  }

  public long pid() {
    return pid;
  }

  /** Waits until the program has ended, and frees its number; to be called once. */
  public void awaitEnd() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = LibC.newCallState(arena);
      MemorySegment status = arena.allocate(JAVA_INT);
      int result;
      do {
        result = (int) WAITPID.invokeExact(state, pid, status, 0);
      } while (result < 0 && LibC.errno(state) == EINTR);
    } catch (Throwable t) {
      throw LibC.unexpected(t);
    }
  }
}
