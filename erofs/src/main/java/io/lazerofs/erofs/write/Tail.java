package io.lazerofs.erofs.write;

/**
 * The last bytes of a file, which will lie beside its inode; until then they are in a {@link
 * TailSpool}.
 *
 * @param offset where in the spool they are
 * @param length bytes, 0 for none
 */
record Tail(long offset, int length) {
  static final Tail NONE = new Tail(0, 0);

  /**
   * Returns the longest tail, bytes. It lies in one block, which inodes begin in at multiples of
   * {@link Layout#SLOT} only.
   */
  static int max(int blockSize) {
    return blockSize - Layout.SLOT;
  }
}
