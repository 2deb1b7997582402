package io.lazerofs.it.conformance;

import java.util.List;

/**
 * The bytes of a regular file.
 *
 * @param size bytes, holes included
 * @param pieces what is not a hole, ascending and apart
 */
record Content(int size, List<Piece> pieces) {

  /** Bytes at an offset, at least one. */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  record Piece(int offset, byte[] bytes) {}

  static Content of(byte[] bytes) {
    return new Content(bytes.length, bytes.length == 0 ? List.of() : List.of(new Piece(0, bytes)));
  }

  /** Returns the bytes that pieces hold. */
  int stored() {
    return pieces.stream().mapToInt(piece -> piece.bytes().length).sum();
  }

  boolean sparse() {
    return stored() < size;
  }

  /** Returns the whole content, holes as zeros. */
  byte[] bytes() {
    byte[] bytes = new byte[size];
    for (Piece piece : pieces) {
      System.arraycopy(piece.bytes(), 0, bytes, piece.offset(), piece.bytes().length);
    }
    return bytes;
  }
}
