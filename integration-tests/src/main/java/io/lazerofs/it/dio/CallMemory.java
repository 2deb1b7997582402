package io.lazerofs.it.dio;

import io.lazerofs.it.dio.ReadCall.Piece;
import io.lazerofs.it.tree.VectorFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * The memory of one read after another: pieces as they were drawn, with guards between them, all of
 * a pattern, so that each byte that was written tells. For one thread at a time.
 */
final class CallMemory {
  private static final int PAGE = 4096;
  private static final int CAPACITY = CallDraw.LONGEST + (3 * CallDraw.MOST_PIECES + 2) * PAGE;

  private final MemorySegment memory;
  private final MemorySegment pattern;
  private final MemorySegment vectors;
  private List<MemorySegment> pieces = List.of();

  /** The gaps before, between and behind the pieces: from, to, from, to, … */
  private final List<Long> gaps = new ArrayList<>();

  /**
   * @param filler what it is filled with before a read
   */
  CallMemory(Arena arena, byte filler) {
    memory = arena.allocate(CAPACITY, PAGE);
    pattern = arena.allocate(CAPACITY, PAGE).fill(filler);
    vectors = arena.allocate((long) VectorFile.IOVEC_BYTES * CallDraw.MOST_PIECES, Long.BYTES);
  }

  /** Lays pieces out, filled with the pattern. */
  void lay(List<Piece> wanted) {
    List<MemorySegment> laid = new ArrayList<>();
    gaps.clear();
    long at = 0;
    for (Piece piece : wanted) {
      gaps.add(at);
      // A page of guard before each, so that a length that runs over shows.
      at = (at + 2 * PAGE - 1) / PAGE * PAGE + piece.skew();
      gaps.add(at);
      long index = laid.size() * 2L;
      MemorySegment place = memory.asSlice(at, piece.length());
      vectors.setAtIndex(ValueLayout.JAVA_LONG, index, place.address());
      vectors.setAtIndex(ValueLayout.JAVA_LONG, index + 1, place.byteSize());
      laid.add(place);
      at += piece.length();
    }
    gaps.add(at);
    gaps.add(at + PAGE);
    memory.asSlice(0, at + PAGE).copyFrom(pattern.asSlice(0, at + PAGE));
    pieces = laid;
  }

  /** Returns the first piece. */
  MemorySegment first() {
    return pieces.getFirst();
  }

  /** Returns the pieces as struct iovecs. */
  MemorySegment vectors() {
    return vectors.asSlice(0, (long) VectorFile.IOVEC_BYTES * pieces.size());
  }

  /** Returns the first byte of this memory that was written to though it is no piece's. */
  OptionalLong writtenOutside() {
    for (int i = 0; i < gaps.size(); i += 2) {
      long at = written(gaps.get(i), gaps.get(i + 1));
      if (at >= 0) {
        return OptionalLong.of(at);
      }
    }
    return OptionalLong.empty();
  }

  /** Returns the first byte of the pieces, counted through, that was written to after some. */
  OptionalLong writtenBehind(long count) {
    long before = 0;
    for (MemorySegment piece : pieces) {
      long from = Math.clamp(count - before, 0, piece.byteSize());
      long start = piece.address() - memory.address();
      long at = written(start + from, start + piece.byteSize());
      if (at >= 0) {
        return OptionalLong.of(before + at - start);
      }
      before += piece.byteSize();
    }
    return OptionalLong.empty();
  }

  private long written(long from, long to) {
    long at = MemorySegment.mismatch(memory, from, to, pattern, from, to);
    return at < 0 ? -1 : from + at;
  }

  /** Returns the first of {@code count} bytes that differs from what other memory has. */
  OptionalLong differsFrom(CallMemory other, long count) {
    long before = 0;
    for (int i = 0; i < pieces.size() && before < count; i++) {
      long length = Math.min(count - before, pieces.get(i).byteSize());
      MemorySegment theirs = other.pieces.get(i);
      long at = MemorySegment.mismatch(pieces.get(i), 0, length, theirs, 0, length);
      if (at >= 0) {
        return OptionalLong.of(before + at);
      }
      before += length;
    }
    return OptionalLong.empty();
  }
}
