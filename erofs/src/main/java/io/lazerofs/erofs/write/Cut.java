package io.lazerofs.erofs.write;

/**
 * A part of a {@link Batch}'s content that goes to one place in the image.
 *
 * @param start its first byte in the batch's input
 * @param end the byte after its last one
 * @param stream first byte of its compressed stream in the batch's output
 * @param written bytes of the stream; both 0 where there is none
 * @param hash of the content, if it is compared
 */
record Cut(Storage storage, int start, int end, int stream, int written, ContentHash hash) {

  /** How a part is stored. */
  enum Storage {
    /** As it is, in whole blocks. */
    PLAIN,
    /** Compressed, in whole blocks. */
    PCLUSTER,
    /** Compressed, beside the inode. */
    INLINE,
    /** Not at all: it is zeros. */
    HOLE
  }

  /** Returns content that is stored as it is. */
  static Cut plain(int start, int end, ContentHash hash) {
    return new Cut(Storage.PLAIN, start, end, 0, 0, hash);
  }

  int length() {
    return end - start;
  }
}
