package io.lazerofs.fetcher.lazy;

/** Who a request is for, the most urgent first. */
enum Lane {
  /** A reader waits for the bytes. */
  DEMAND,
  /** A reader goes through the blob and comes to the bytes soon. */
  READ_AHEAD,
  /** A container that starts comes to the bytes, as the last one did. */
  START,
  /** Somebody may read the bytes some time. */
  BACKGROUND;

  /**
   * Returns whether whole units are fetched, since what lies beside wanted bytes is likely to be
   * wanted too. Who fetches for a start or in the background knows what will be, and counts its
   * bytes.
   */
  boolean takesWholeUnits() {
    return this == DEMAND || this == READ_AHEAD;
  }
}
