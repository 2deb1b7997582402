package io.lazerofs.erofs.write;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Content on its way through a worker: parts of files one after the other, many small ones or a
 * segment of a large one. Used by one thread at a time, and again and again.
 */
final class Batch {

  /**
   * A part of a file.
   *
   * @param start its first byte in the input
   * @param end the byte after its last one
   * @param file what it belongs to
   * @param cuts what the worker made of it, in the order of the content
   */
  record Piece(int start, int end, Assembly file, List<Cut> cuts) {
    int length() {
      return end - start;
    }
  }

  private final byte[] input;
  private final List<Piece> pieces = new ArrayList<>();
  private int filled;
  private byte[] output = {};
  private int written;

  /**
   * @param capacity bytes of the longest piece
   */
  Batch(int capacity) {
    input = new byte[capacity];
  }

  int room() {
    return input.length - filled;
  }

  boolean isEmpty() {
    return pieces.isEmpty();
  }

  void clear() {
    pieces.clear();
    filled = 0;
    written = 0;
  }

  /**
   * Adds the next {@code length} bytes of a stream, at most {@link #room}.
   *
   * @throws EOFException when it ends before
   */
  void add(InputStream in, int length, Assembly file) throws IOException {
    int count = in.readNBytes(input, filled, length);
    if (count < length) {
      throw new EOFException((length - count) + " more bytes of content were due");
    }
    pieces.add(new Piece(filled, filled + length, file, new ArrayList<>(1)));
    filled += length;
  }

  List<Piece> pieces() {
    return pieces;
  }

  byte[] input() {
    return input;
  }

  /** Keeps a compressed stream, and returns where in the output it is. */
  int keep(byte[] stream, int length) {
    if (output.length == 0) {
      // All streams of a piece are shorter than the piece.
      output = new byte[input.length];
    }
    System.arraycopy(stream, 0, output, written, length);
    written += length;
    return written - length;
  }

  /** Takes back what was kept from {@code stream} on. */
  void forget(int stream) {
    written = stream;
  }

  int written() {
    return written;
  }

  byte[] output() {
    return output;
  }
}
