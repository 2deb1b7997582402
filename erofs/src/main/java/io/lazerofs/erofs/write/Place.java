package io.lazerofs.erofs.write;

/**
 * Where a {@link Cut} lies in the image.
 *
 * @param block the first block
 * @param pclusterBlocks the blocks of a pcluster, 0 for content that is stored as it is
 */
record Place(long block, int pclusterBlocks) {
  private static final int SHIFT = 32;

  /** Returns the place that {@link #pack} packed. */
  static Place unpack(long packed) {
    return new Place(packed & 0xffff_ffffL, (int) (packed >>> SHIFT));
  }

  /** Returns both numbers in one, not negative. */
  long pack() {
    return (long) pclusterBlocks << SHIFT | block;
  }
}
