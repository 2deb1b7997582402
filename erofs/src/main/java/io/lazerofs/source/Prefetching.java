package io.lazerofs.source;

import org.jspecify.annotations.Nullable;

/**
 * Asks sources for ranges one after the other, and for those that follow each other on a source at
 * once: a source is asked once for what one request can bring. For one thread.
 *
 * <p>A range is asked for when the next one does not follow it, and the last one by {@link #end}.
 */
public final class Prefetching {
  private @Nullable ByteSource source;
  private long start;
  private long end;

  /** Asks for a range, now or with those that follow it. */
  @SuppressWarnings("ReferenceEquality") // a source has no value, only an identity
  public void ask(ByteSource from, long offset, long length) {
    if (from == source && offset == end) {
      end += length;
      return;
    }
    end();
    source = from;
    start = offset;
    end = offset + length;
  }

  /** Asks for what has not been asked for yet. */
  public void end() {
    if (source != null && start < end) {
      source.prefetch(start, end - start);
    }
    source = null;
  }
}
