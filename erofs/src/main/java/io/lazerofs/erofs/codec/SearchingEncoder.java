package io.lazerofs.erofs.codec;

import java.util.Objects;

/**
 * An encoder for streams that cannot be cut: finds by trial how much content fits, and is content
 * when little of the limit is left.
 */
final class SearchingEncoder implements Encoder {
  /** Makes whole streams. */
  interface Compressor extends AutoCloseable {
    /** Returns the most bytes that a stream of {@code length} bytes of content can have. */
    int bound(int length);

    /**
     * Compresses {@code input[start, start + length)} into {@code output}, which has room for the
     * bound, and returns the size of the stream.
     */
    int compress(byte[] input, int start, int length, byte[] output);

    @Override
    void close();
  }

  /** Trials after which the best stream is taken, if there is one. */
  private static final int TRIALS = 3;

  /** A stream that leaves less than this share of the limit is good enough. */
  private static final int GOOD_SHARE = 64;

  /** What a trial aims to leave free, as a share of the limit: half of what is good enough. */
  private static final int AIM_SHARE = 2 * GOOD_SHARE;

  private final Compressor compressor;
  private final Lz4Probe probe;
  private byte[] trial = {};

  SearchingEncoder(Compressor compressor, Lz4Probe probe) {
    this.compressor = compressor;
    this.probe = probe;
  }

  @Override
  public Fit fit(byte[] input, int start, int end, byte[] output, int limit) {
    Objects.checkFromToIndex(start, end, input.length);
    Objects.checkFromIndexSize(0, limit, output.length);
    int available = end - start;
    int aim = limit - limit / AIM_SHARE;
    Point fits = new Point(0, 0);
    Point exceeds = new Point(0, 0);
    int length = Math.min(available, probe.contentFor(input, start, end, aim));
    for (int i = 0; length > fits.length && (i < TRIALS || fits.length == 0); i++) {
      int size = compress(input, start, length);
      if (size > limit) {
        exceeds = new Point(length, size);
      } else {
        fits = new Point(length, size);
        System.arraycopy(trial, 0, output, 0, size);
        if (length == available || size >= limit - limit / GOOD_SHARE) {
          break;
        }
      }
      length = next(fits, exceeds, aim, available);
    }
    return Fit.of(fits.length, fits.size);
  }

  private int compress(byte[] input, int start, int length) {
    int bound = compressor.bound(length);
    if (trial.length < bound) {
      trial = new byte[bound];
    }
    return compressor.compress(input, start, length, trial);
  }

  /** What a trial has shown: {@code length} bytes of content make {@code size} compressed ones. */
  private record Point(int length, int size) {}

  /** Returns the content to try next: on the line between what fits and what does not. */
  private static int next(Point fits, Point exceeds, int aim, int available) {
    if (exceeds.length == 0) {
      double straight = (double) fits.length * aim / Math.max(fits.size, 1);
      return (int) Math.min(available, Math.max(straight, fits.length + 1));
    }
    double slope = (double) (exceeds.length - fits.length) / (exceeds.size - fits.size);
    int length = fits.length + (int) ((aim - fits.size) * slope);
    // Each trial that does not fit must be followed by a smaller one.
    return Math.min(length, exceeds.length - 1 - exceeds.length / AIM_SHARE);
  }

  @Override
  public void close() {
    compressor.close();
    probe.close();
  }
}
