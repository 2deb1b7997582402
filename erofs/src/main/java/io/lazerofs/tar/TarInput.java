package io.lazerofs.tar;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;

/** The uncompressed archive as a run of bytes that knows where it is and in which entry. */
final class TarInput {
  static final int BLOCK = 512;

  private static final int BUFFER = 128 * 1024;

  private final InputStream in;
  private long offset;
  private String entry = "";

  TarInput(InputStream in) {
    this.in = new BufferedInputStream(in, BUFFER);
  }

  long offset() {
    return offset;
  }

  /** Names the entry that failures from here on are about. */
  void enter(String path) {
    entry = path;
  }

  TarException failure(String problem) {
    return new TarException(entry, offset, problem);
  }

  /**
   * Reads between 1 and {@code length} bytes, or returns -1 at the end of the archive.
   *
   * @throws TarException when the compressed stream ends early or is damaged
   * @throws IOException what the source of the archive throws
   */
  int read(byte[] bytes, int start, int length) throws IOException {
    try {
      int count = in.read(bytes, start, length);
      offset += Math.max(count, 0);
      return count;
    } catch (Compression.DamagedException e) {
      throw new TarException(entry, offset, e.problem(), e);
    }
  }

  /** Fills {@code bytes}. */
  void readFully(byte[] bytes) throws IOException {
    int filled = fill(bytes);
    if (filled < bytes.length) {
      throw endsEarly(bytes.length - filled);
    }
  }

  /** Fills a header block and returns true, or returns false where the archive ends cleanly. */
  boolean readBlock(byte[] block) throws IOException {
    int filled = fill(block);
    if (filled > 0 && filled < block.length) {
      throw endsEarly(block.length - filled);
    }
    return filled > 0;
  }

  /** Passes over {@code length} bytes. */
  void skip(long length) throws IOException {
    byte[] waste = new byte[(int) Math.min(length, BUFFER)];
    for (long left = length; left > 0; ) {
      int count = read(waste, 0, (int) Math.min(left, waste.length));
      if (count < 0) {
        throw endsEarly(left);
      }
      left -= count;
    }
  }

  /** Reads to the end, so that a compressed stream comes to its checksum. */
  void drain() throws IOException {
    byte[] waste = new byte[BUFFER];
    while (read(waste, 0, waste.length) >= 0) {
      // What follows the end marker is padding.
    }
  }

  TarException endsEarly(long missing) {
    return failure("the archive ends early, at least " + missing + " more bytes were due");
  }

  private int fill(byte[] bytes) throws IOException {
    int filled = 0;
    while (filled < bytes.length) {
      int count = read(bytes, filled, bytes.length - filled);
      if (count < 0) {
        break;
      }
      filled += count;
    }
    return filled;
  }
}
