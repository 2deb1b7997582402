package io.lazerofs.it.bench;

import io.lazerofs.erofs.codec.Compression;
import io.lazerofs.erofs.codec.CorruptStreamException;
import io.lazerofs.erofs.codec.Decoder;
import io.lazerofs.erofs.codec.Encoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * {@link #CONTENT} bytes of a file in full pclusters of one size and algorithm. A benchmark decodes
 * them all at each call; as it counts each byte as an operation, its score is in MB/s.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
public abstract class Pclusters {
  /** Bytes that each call of a benchmark decodes. */
  static final int CONTENT = 4 << 20;

  /** The most content in a pcluster here: that of zeros would be a case of its own. */
  private static final int LARGEST = CONTENT;

  /** Where content does not shrink, the next is tried. */
  private static final int STEP = 4096;

  /** A compressed pcluster and how much it holds. */
  record Pcluster(byte[] stream, int length) {}

  /** Undoes one pcluster. */
  interface Library {
    void decode(byte[] stream, byte[] destination, int length) throws Exception;
  }

  /** Bytes of a pcluster. */
  @Param({"65536", "1048576"})
  public int size;

  /**
   * A file of real content, longer than {@link #CONTENT}; bytes that do not shrink are left out.
   */
  @Param("")
  public String file = "";

  private final Compression compression;
  private final Decoder decoder;
  private final byte[] destination = new byte[LARGEST];
  private List<Pcluster> pclusters = List.of();

  Pclusters(String compression) {
    this.compression = Compression.parse(compression);
    decoder = Decoder.of(this.compression.algorithm());
  }

  /** Compresses the file's content. */
  @Setup(Level.Trial)
  public void compress() throws IOException {
    byte[] input = Files.readAllBytes(Path.of(file));
    byte[] output = new byte[size];
    List<Pcluster> made = new ArrayList<>();
    int left = CONTENT;
    try (Encoder encoder = compression.encoder(LARGEST)) {
      for (int at = 0; left > 0 && at < input.length; ) {
        int end = (int) Math.min(input.length, (long) at + left);
        Encoder.Fit fit = encoder.fit(input, at, end, output, size);
        if (fit.consumed() > 0) {
          made.add(new Pcluster(Arrays.copyOf(output, fit.written()), fit.consumed()));
        }
        left -= fit.consumed();
        at += fit.consumed() > 0 ? fit.consumed() : STEP;
      }
    }
    if (left > STEP) {
      throw new IOException("%s is too short: %d more bytes were due".formatted(file, left));
    }
    pclusters = made;
  }

  /** Decodes with what the project has. */
  byte[] decodeAll() throws CorruptStreamException {
    for (Pcluster pcluster : pclusters) {
      decoder.decode(
          pcluster.stream, 0, pcluster.stream.length, destination, pcluster.length, false);
    }
    return destination;
  }

  /** Decodes with something else. */
  byte[] decodeAll(Library library) throws Exception {
    for (Pcluster pcluster : pclusters) {
      library.decode(pcluster.stream, destination, pcluster.length);
    }
    return destination;
  }
}
