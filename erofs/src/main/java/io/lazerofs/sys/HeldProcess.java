package io.lazerofs.sys;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;

/**
 * Another process, held by a descriptor, so that its number cannot come to mean a third one
 * (pidfd_open(2)).
 */
public final class HeldProcess implements AutoCloseable {
  // The same numbers on every architecture (include/uapi/asm-generic/unistd.h from 424 on); by
  // number because C libraries have functions for them only since glibc 2.36.
  private static final long PIDFD_OPEN = 434;
  private static final long PIDFD_GETFD = 438;

  /** {@code long syscall(long number, ...)}, with the three arguments of both calls. */
  private static final MethodHandle SYSCALL =
      LibC.variadic(
          "syscall",
          FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
          1);

  /** {@code int kill(pid_t process, int signal)}. */
  private static final MethodHandle KILL =
      LibC.function("kill", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));

  private final long pid;
  private final Descriptor descriptor;

  private HeldProcess(long pid, Descriptor descriptor) {
    this.pid = pid;
    this.descriptor = descriptor;
  }

  /**
   * Holds a process.
   *
   * @throws SystemCallException when there is none of that number, or the kernel is older than 5.3
   */
  public static HeldProcess of(long pid) throws SystemCallException {
    long number =
        LibC.call(
            "pidfd_open",
            () -> "process " + pid,
            (_, state) -> (long) SYSCALL.invokeExact(state, PIDFD_OPEN, pid, 0L, 0L));
    return new HeldProcess(pid, Descriptor.of((int) number));
  }

  /**
   * Returns a descriptor of this process for a file that the other one has open: for the same open
   * file, as if it had been inherited. The other one needs to do nothing for it.
   *
   * @param number the other one's descriptor
   * @throws SystemCallException when it has none of that number, or this process may not look into
   *     it (ptrace(2), "PTRACE_MODE_ATTACH_REALCREDS")
   */
  public Descriptor openFile(int number) throws SystemCallException {
    return Descriptor.of(
        (int)
            LibC.call(
                "pidfd_getfd",
                () -> "descriptor %d of process %d".formatted(number, pid),
                (_, state) ->
                    (long)
                        SYSCALL.invokeExact(
                            state, PIDFD_GETFD, (long) descriptor.number(), (long) number, 0L)));
  }

  /** Sends a signal to a process that cannot be gone, such as this one's parent. */
  public static void signal(long pid, int signal) throws SystemCallException {
    LibC.call(
        "kill",
        () -> "process " + pid,
        (_, state) -> (int) KILL.invokeExact(state, (int) pid, signal));
  }

  @Override
  public void close() {
    descriptor.close();
  }
}
