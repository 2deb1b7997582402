package io.lazerofs.files;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.lazerofs.sys.LibC;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;

/** The permissions that files made by this process and its children never get (umask(2)). */
public final class FileCreationMask {
  private static final int OTHERS = 077;

  /** {@code mode_t umask(mode_t mask)}. */
  private static final MethodHandle UMASK =
      LibC.function("umask", FunctionDescriptor.of(JAVA_INT, JAVA_INT));

  private FileCreationMask() {}

  /**
   * Leaves files that are made from now on to their owner alone, unless they are given other
   * permissions afterwards. It is for the whole process: the affair of its entry point.
   */
  public static void ownerOnly() {
    try (Arena arena = Arena.ofConfined()) {
      var _ = (int) UMASK.invokeExact(LibC.newCallState(arena), OTHERS);
    } catch (Throwable t) {
      throw LibC.unexpected(t);
    }
  }
}
