package io.lazerofs.fuse.sys;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.lazerofs.sys.LibC;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;

/** The user as whom this process acts (geteuid(2)). */
public final class EffectiveUser {
  /** {@code uid_t geteuid(void)}. */
  private static final MethodHandle GETEUID =
      LibC.function("geteuid", FunctionDescriptor.of(JAVA_INT));

  private EffectiveUser() {}

  /** Whether it is root, who may mount. */
  public static boolean isRoot() {
    try (Arena arena = Arena.ofConfined()) {
      return (int) GETEUID.invokeExact(LibC.newCallState(arena)) == 0;
    } catch (Throwable t) {
      throw LibC.unexpected(t);
    }
  }
}
