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
  private final double gain;
  private final Lz4Probe probe = new Lz4Probe();
  private byte[] trial = {};

  /**
   * @param gain bytes that LZ4 mostly makes of what takes this encoder one byte
   */
  SearchingEncoder(Compressor compressor, double gain) {
    this.compressor = compressor;
    this.gain = gain;
  }

  /**
   * What a trial has shown: as much content as makes {@code probed} bytes of LZ4 makes {@code size}
   * bytes of a stream. The one grows with the other more steadily than either does with the length
   * of the content, parts of which shrink well and others not at all.
   */
  private record Point(double probed, int size) {}

  @Override
  public Fit fit(byte[] input, int start, int end, byte[] output, int limit) {
    Objects.checkFromToIndex(start, end, input.length);
    Objects.checkFromIndexSize(0, limit, output.length);
    probe.reset(input, start, end);
    int good = limit - limit / GOOD_SHARE;
    int aim = limit - limit / AIM_SHARE;
    Fit best = new Fit(0, 0);
    Point fits = new Point(0, 0);
    Point exceeds = new Point(0, 0);
    int tooLong = end - start + 1;
    double probed = aim * gain;
    for (int i = 0; i < TRIALS || best.consumed() == 0; i++) {
      int length = Math.min(probe.contentOf(probed), tooLong - 1);
      if (length <= best.consumed()) {
        break;
      }
      int size = compress(input, start, length);
      if (size > limit) {
        exceeds = new Point(probed, size);
        tooLong = length;
      } else {
        fits = new Point(probed, size);
        best = new Fit(length, size);
        System.arraycopy(trial, 0, output, 0, size);
        if (size >= good) {
          break;
        }
      }
      probed = next(fits, exceeds, aim);
    }
    return Fit.of(best.consumed(), best.written());
  }

  private int compress(byte[] input, int start, int length) {
    int bound = compressor.bound(length);
    if (trial.length < bound) {
      trial = new byte[bound];
    }
    return compressor.compress(input, start, length, trial);
  }

  /** Returns where to try next: on the line between what fits and what does not. */
  private static double next(Point fits, Point exceeds, int aim) {
    if (exceeds.size == 0) {
      return fits.probed * aim / fits.size;
    }
    double slope = (exceeds.probed - fits.probed) / (exceeds.size - fits.size);
    return fits.probed + (aim - fits.size) * slope;
  }

  @Override
  public void close() {
    compressor.close();
    probe.close();
  }
}
