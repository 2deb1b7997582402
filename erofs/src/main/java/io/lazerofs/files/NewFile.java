package io.lazerofs.files;

import io.lazerofs.sys.Descriptor;
import io.lazerofs.sys.LibC;
import io.lazerofs.sys.SystemCallException;
import java.lang.foreign.MemorySegment;

/**
 * A regular file that was just made, open for writing. What is never written is a hole. For one
 * thread at a time; the owner closes it.
 */
public final class NewFile implements AutoCloseable {
  private final Descriptor descriptor;
  private final String path;

  NewFile(Descriptor descriptor, String path) {
    this.descriptor = descriptor;
    this.path = path;
  }

  /**
   * Writes all of {@code from}.
   *
   * @param position where in the file, bytes from its start
   * @param from native memory
   */
  public void write(long position, MemorySegment from) throws SystemCallException {
    for (long done = 0; done < from.byteSize(); ) {
      MemorySegment left = from.asSlice(done);
      long at = position + done;
      done +=
          LibC.call(
              "pwrite",
              () -> path,
              (_, state) ->
                  (long)
                      Calls.PWRITE.invokeExact(
                          state, descriptor.number(), left, left.byteSize(), at));
    }
  }

  /** Makes the file this long, bytes: cuts it, or adds a hole. */
  public void setSize(long size) throws SystemCallException {
    LibC.call(
        "ftruncate",
        () -> path,
        (_, state) -> (int) Calls.FTRUNCATE.invokeExact(state, descriptor.number(), size));
  }

  @Override
  public void close() {
    descriptor.close();
  }
}
