package io.lazerofs.fuse.jnr;

import java.util.ArrayList;
import java.util.List;
import jnr.ffi.Runtime;
import jnr.ffi.Struct;
import jnr.ffi.provider.ParameterFlags;
import ru.serce.jnrfuse.struct.FuseOperations;

/**
 * The C structure {@code fuse_operations}, with callbacks of our own shapes. It must be kept as
 * long as libfuse may call, since jnr-ffi keeps no callback alive.
 */
final class OperationTable extends FuseOperations {
  /**
   * That operations on what is open need no path (flag_nullpath_ok and flag_nopath): the first two
   * bits of a word.
   */
  private static final int NO_PATHS = 3;

  private final List<Object> callbacks = new ArrayList<>();

  OperationTable() {
    super(Runtime.getSystemRuntime());
    memory().putInt(flag_nullpath_ok.offset(), NO_PATHS);
  }

  <T> void set(Func<?> operation, Class<T> shape, T callback) {
    callbacks.add(callback);
    memory()
        .putPointer(
            operation.offset(),
            getRuntime().getClosureManager().getClosurePointer(shape, callback));
  }

  private jnr.ffi.Pointer memory() {
    return Struct.getMemory(this, ParameterFlags.DIRECT);
  }
}
