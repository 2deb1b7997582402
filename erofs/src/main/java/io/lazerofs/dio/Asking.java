package io.lazerofs.dio;

import io.lazerofs.dio.Mapper.Operation;
import io.lazerofs.source.AbsentException;
import io.lazerofs.source.Prefetching;
import java.io.IOException;

/**
 * Asks for the bytes of a range of a file wherever they lie, without waiting for any. Bounded work:
 * no more than {@link #MOST_MAPPINGS} are looked up.
 */
final class Asking {
  /** Enough for 4 MiB in pieces of 4 KiB. */
  static final int MOST_MAPPINGS = 1024;

  private final Mapper file;
  private final long end;
  private final Prefetching prefetching = new Prefetching();
  private long at;

  private Asking(Mapper file, long from, long end) {
    this.file = file;
    this.at = from;
    this.end = end;
  }

  /** Asks for all of a range that is in the file. */
  static void forAll(Mapper file, long from, long end) {
    new Asking(file, from, end).run(false);
  }

  /**
   * Asks for what a read still needs behind an absent part. That part itself is brought by whoever
   * waits for it.
   *
   * @param from where the part begins
   */
  static void behind(Mapper file, long from, long end) {
    new Asking(file, from, end).run(true);
  }

  private void run(boolean skipsFirst) {
    try {
      boolean skips = skipsFirst;
      for (int looked = 0; at < end && looked < MOST_MAPPINGS; looked++) {
        at += one(skips);
        skips = false;
      }
    } catch (AbsentException absent) {
      absent.prefetch();
    } catch (IOException _) {
      // Nothing is lost: a read that comes there meets it.
    } finally {
      prefetching.end();
    }
  }

  private long one(boolean skips) throws IOException {
    Mapping mapping = file.begin(at, end - at, Operation.READ);
    try {
      long count = Math.min(MappingCheck.restOf(mapping, at, file.size()), end - at);
      ask(mapping, count, skips);
      return count;
    } finally {
      file.end(mapping, at, end - at, 0, Operation.READ);
    }
  }

  private void ask(Mapping mapping, long count, boolean skips) throws IOException {
    switch (mapping) {
      case Mapping.Hole _ -> {}
      // One that decodes has its bytes in many places, of which one is awaited.
      case Mapping.Encoded encoded -> encoded.decoding().prefetch(at, count, MOST_MAPPINGS);
      case Mapping.Mapped mapped when !skips ->
          prefetching.ask(mapped.source(), mapped.physical() + (at - mapped.offset()), count);
      case Mapping.Inline inline when !skips ->
          prefetching.ask(inline.source(), inline.physical() + (at - inline.offset()), count);
      case Mapping.Mapped _, Mapping.Inline _ -> {}
    }
  }
}
