package io.lazerofs.erofs.codec;

import io.lazerofs.erofs.disk.Algorithm;

/** A compression algorithm and how hard it tries. */
public record Compression(Algorithm algorithm, int level) {

  /** Parses {@code ALGORITHM[:LEVEL]}. */
  public static Compression parse(String text) {
    throw new IllegalArgumentException("no such algorithm: " + text);
  }

  /** Returns an encoder for inputs of at most {@code largestInput} bytes. */
  public Encoder encoder(int largestInput) {
    throw new UnsupportedOperationException();
  }
}
