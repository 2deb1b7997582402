package io.lazerofs.it.dio;

import io.lazerofs.it.tree.SystemCallFailure;
import io.lazerofs.it.tree.VectorFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.OptionalLong;

/** Makes reads twice, of the kernel's mount and of ours, and compares. For one thread. */
final class Comparison implements AutoCloseable {
  private final Arena arena = Arena.ofConfined();
  private final CallMemory kernelMemory = new CallMemory(arena, (byte) 0x5a);
  private final CallMemory ourMemory = new CallMemory(arena, (byte) 0xa5);
  private final Roots kernel;
  private final Roots ours;

  Comparison(Roots kernel, Roots ours) {
    this.kernel = kernel;
    this.ours = ours;
  }

  /** Makes a call on both sides. */
  Verdict check(ReadCall call) throws IOException {
    Answer theirs = read(kernel, call, kernelMemory);
    Answer our = read(ours, call, ourMemory);
    String spilled = spilled(our);
    if (!spilled.isEmpty()) {
      return new Verdict.Wrong(theirs, our, false, spilled);
    }
    String wrong = differences(theirs, our);
    if (wrong.isEmpty()) {
      return new Verdict.Same(our);
    }
    for (KnownDifference difference : KnownDifference.values()) {
      if (difference.explains(call, theirs)) {
        Answer reference = read(kernel, call.buffered(), kernelMemory);
        String text = differences(reference, our);
        return text.isEmpty()
            ? new Verdict.Known(difference)
            : wrong(reference, our, "unlike a buffered read, " + text);
      }
    }
    return wrong(theirs, our, wrong);
  }

  private Verdict wrong(Answer theirs, Answer our, String text) {
    boolean rightSoFar =
        our.result() > 0
            && our.result() < theirs.result()
            && ourMemory.differsFrom(kernelMemory, our.result()).isEmpty();
    return new Verdict.Wrong(theirs, our, rightSoFar, text);
  }

  private String differences(Answer theirs, Answer our) {
    if (!theirs.equals(our)) {
      return "the kernel answers %s, we answer %s".formatted(theirs, our);
    }
    OptionalLong at = ourMemory.differsFrom(kernelMemory, our.result());
    return at.isEmpty() ? "" : "byte %d of %d is wrong".formatted(at.getAsLong(), our.result());
  }

  private String spilled(Answer our) {
    OptionalLong outside = ourMemory.writtenOutside();
    if (outside.isPresent()) {
      return "memory outside the pieces was written to, at " + outside.getAsLong();
    }
    // A request that fails as a whole may have brought some of its parts.
    OptionalLong behind =
        our.result() < 0 ? OptionalLong.empty() : ourMemory.writtenBehind(our.result());
    return behind.isEmpty()
        ? ""
        : "byte %d was written to, but only %d were read"
            .formatted(behind.getAsLong(), our.result());
  }

  private static Answer read(Roots roots, ReadCall call, CallMemory memory) throws IOException {
    memory.lay(call.pieces());
    boolean opened = false;
    try (VectorFile file = VectorFile.open(roots.path(call), call.direct())) {
      opened = true;
      if (call.fresh()) {
        file.dropCache();
      }
      long result =
          call.vectored()
              ? file.read(memory.vectors(), call.offset(), call.noWait())
              : file.read(memory.first(), call.offset());
      return new Answer(true, result);
    } catch (SystemCallFailure e) {
      return new Answer(opened, -e.errno());
    }
  }

  @Override
  public void close() {
    arena.close();
  }
}
