package io.lazerofs.source;

import org.jspecify.annotations.Nullable;

/**
 * Asks sources for ranges one after the other, and for those that follow each other on a source at
 * once: a source is asked once for what one request can bring. For one thread.
 *
 * <p>A range is asked for when the next one does not follow it, and the last one by {@link #end}.
 */
public final class Prefetching {
  /**
   * How many places are asked for at most: each may be a request of its own, and a registry that
   * gets more of them at once answers later or not at all.
   */
  public static final int MOST_PLACES = 64;

  private @Nullable ByteSource source;
  private long start;
  private long end;
  private int places;

  /**
   * Asks for a range, now or with those that follow it.
   *
   * @return whether it will be; not when it is one place too many
   */
  @SuppressWarnings("ReferenceEquality") // a source has no value, only an identity
  public boolean ask(ByteSource from, long offset, long length) {
    if (from == source && offset == end) {
      end += length;
      return true;
    }
    if (places == MOST_PLACES) {
      return false;
    }
    places++;
    end();
    source = from;
    start = offset;
    end = offset + length;
    return true;
  }

  /** Asks for what has not been asked for yet. */
  public void end() {
    if (source != null && start < end) {
      source.prefetch(start, end - start);
    }
    source = null;
  }
}
