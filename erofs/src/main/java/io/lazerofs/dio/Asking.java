package io.lazerofs.dio;

import io.lazerofs.dio.Mapper.Operation;
import io.lazerofs.source.AbsentException;
import io.lazerofs.source.ByteSource;
import io.lazerofs.source.Prefetching;
import java.io.IOException;

/**
 * Asks for the bytes of a range of a file wherever they lie, without waiting for any. Bounded work:
 * no more than {@link #MOST_MAPPINGS} are looked up, and {@link Prefetching#MOST_PLACES} asked for.
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

  /** Asks for all of a range that is in the file; returns the byte behind what was asked for. */
  static long forAll(Mapper file, long from, long end) {
    Asking asking = new Asking(file, from, end);
    asking.run(false);
    return asking.at;
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
      boolean goesOn = at < end;
      for (int looked = 0; goesOn && looked < MOST_MAPPINGS; looked++) {
        goesOn = one(skipsFirst && looked == 0) && at < end;
      }
    } catch (AbsentException absent) {
      absent.prefetch();
    } catch (IOException _) {
      // Nothing is lost: a read that comes there meets it.
    } finally {
      prefetching.end();
    }
  }

  /** Asks for what one mapping has, and goes behind it; returns whether all of it was taken. */
  private boolean one(boolean skips) throws IOException {
    long from = at;
    Mapping mapping = file.begin(from, end - from, Operation.READ);
    try {
      long count = Math.min(MappingCheck.restOf(mapping, from, file.size()), end - from);
      at = askedUpTo(mapping, count, skips);
      return at == from + count;
    } finally {
      file.end(mapping, from, end - from, 0, Operation.READ);
    }
  }

  /** Returns the byte of the file behind those that were asked for or need not be. */
  private long askedUpTo(Mapping mapping, long count, boolean skips) throws IOException {
    return switch (mapping) {
      case Mapping.Hole _ -> at + count;
      case Mapping.Mapped mapped ->
          skips ? at + count : ask(mapped.source(), mapped.physical() - mapped.offset(), count);
      case Mapping.Inline inline ->
          skips ? at + count : ask(inline.source(), inline.physical() - inline.offset(), count);
      // Its bytes are in many places, of which the reader awaits one.
      case Mapping.Encoded encoded -> encoded.decoding().prefetch(at, count, MOST_MAPPINGS);
    };
  }

  /**
   * @param shift what is to be added to an offset in the file
   */
  private long ask(ByteSource source, long shift, long count) {
    return prefetching.ask(source, at + shift, count) ? at + count : at;
  }
}
