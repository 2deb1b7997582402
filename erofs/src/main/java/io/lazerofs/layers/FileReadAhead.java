package io.lazerofs.layers;

import io.lazerofs.dio.DirectIo;
import io.lazerofs.dio.Mapper;
import io.lazerofs.dio.ReadBuffer;
import io.lazerofs.dio.WouldBlockException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Fetches ahead of a reader who goes through a file in order, wherever the file's bytes lie on
 * blobs.
 *
 * <p>Two reads that meet absent bytes, the second not far behind the first, begin a run: a window
 * of the file behind them is fetched. When the reader enters it, the next window is, twice as long,
 * up to {@link #LONGEST_WINDOW}, or for as many places as are asked for at once. A read that meets
 * absent bytes anywhere else ends the run.
 *
 * <pre>{@code
 *      absent    absent   window       next window
 * ── ┌────────┬────────┬────────────┬────────────────────────┐
 *    │        │        │            │                        │ ──
 *    └────────┴────────┴────────────┴────────────────────────┘
 *                         ▲ a read here asks for the next window
 * }</pre>
 *
 * <p>Each window is asked for once, and not when it is present. Safe for use by many threads; a
 * read that meets no absent bytes costs one volatile load.
 */
final class FileReadAhead {
  /** How far behind the last absent bytes the next ones may begin to be in order. */
  static final long NEAR = 256 << 10;

  static final long FIRST_WINDOW = 256 << 10;

  /** As much as one request asks a registry for. */
  static final long LONGEST_WINDOW = 4 << 20;

  /** Stands for where no byte is. */
  private static final long NOWHERE = Long.MAX_VALUE;

  private static final Run NONE = new Run(-1 - NEAR, -1 - NEAR, NOWHERE, NOWHERE);

  /**
   * @param start where the last read that met absent bytes, outside of a window, began
   * @param end where it ended
   * @param window the first byte of the window that was asked for last, or {@link #NOWHERE}
   * @param windowEnd the byte behind that window
   */
  private record Run(long start, long end, long window, long windowEnd) {

    boolean isEnteredBy(long from, long to) {
      return to > window && from < windowEnd;
    }

    /** Returns this run with another window, or without one at the end of the file. */
    Run with(long from, long length, long size) {
      long to = Math.min(size, from + length);
      return from < to ? new Run(start, end, from, to) : new Run(start, end, NOWHERE, NOWHERE);
    }
  }

  private final Mapper file;
  private final AtomicReference<Run> current = new AtomicReference<>(NONE);

  FileReadAhead(Mapper file) {
    this.file = file;
  }

  /** Takes note of a read that met present bytes only. */
  void onPresent(DirectIo io, long offset, int count) {
    Run run = current.get();
    if (run.isEnteredBy(offset, offset + count)) {
      extend(io, run, offset + count);
    }
  }

  /** Takes note of a read that met absent bytes. */
  void onAbsent(DirectIo io, long offset, int length) {
    Run run = current.get();
    long end = offset + Math.min(length, file.size() - offset);
    Run next = new Run(offset, end, NOWHERE, NOWHERE);
    if (run.isEnteredBy(offset, end)) {
      extend(io, run, end);
    } else if (offset > run.start && offset - run.end <= NEAR) {
      replace(io, run, next.with(end, FIRST_WINDOW, file.size()));
    } else if (offset != run.start) {
      // A read that is done again after it waited begins where it did.
      replace(io, run, next);
    }
  }

  private void extend(DirectIo io, Run run, long end) {
    long length = Math.min(2 * (run.windowEnd - run.window), LONGEST_WINDOW);
    replace(io, run, run.with(Math.max(run.windowEnd, end), length, file.size()));
  }

  private void replace(DirectIo io, Run run, Run next) {
    if (!current.compareAndSet(run, next)
        || next.window == NOWHERE
        || isPresent(io, next.windowEnd - 1)) {
      return;
    }
    long asked = io.prefetch(file, next.window, next.windowEnd - next.window);
    if (asked < next.windowEnd) {
      // Another thread may have gone on from the longer window: the rest is then read as it comes.
      current.compareAndSet(next, next.with(next.window, asked - next.window, file.size()));
    }
  }

  /** Whether a byte is present; readers bring those before it first. */
  private boolean isPresent(DirectIo io, long offset) {
    try {
      io.readPresent(file, offset, 1, false, new ReadBuffer(MemorySegment.ofArray(new byte[1])));
      return true;
    } catch (WouldBlockException _) {
      return false;
    } catch (IOException _) {
      // Nothing is lost: a read that comes there meets it.
      return true;
    }
  }
}
