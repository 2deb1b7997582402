package io.lazerofs.snapshotter.cli;

import io.lazerofs.erofs.codec.Compression;
import io.lazerofs.erofs.write.PathPattern;
import io.lazerofs.erofs.write.WriteOptions;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** The options of every command that writes an EROFS image. */
final class ImageOptions {

  /** The heap that a thread which compresses may take, bytes: tables of LZMA, and a batch. */
  private static final long HEAP_PER_THREAD = 32L << 20;

  @Option(
      names = "--compress",
      paramLabel = "ALG[:LEVEL]",
      converter = CompressionConverter.class,
      description =
          "Compress files by lz4, lz4hc[:1-12] (default: 9), zstd[:1-22] (3), deflate[:1-9] (6) or"
              + " lzma[:0-9] (6); what does not shrink is stored as it is (default: no"
              + " compression).")
  private @Nullable Compression compression;

  @Option(
      names = "--pcluster",
      paramLabel = "BYTES",
      converter = BytesConverter.class,
      description =
          "The largest compressed extent, a multiple of the block size up to 1M (default: 64K).")
  private @Nullable Integer pcluster;

  @Option(
      names = "--chunk",
      paramLabel = "BYTES",
      converter = BytesConverter.class,
      description =
          "Map files by chunks of this size, a block times a power of two; not with --compress.")
  private @Nullable Integer chunk;

  @Option(
      names = "--dedupe",
      description =
          "Store equal content once: chunks (64K without --chunk), or compressed extents with"
              + " --compress.")
  private boolean dedupe;

  @Option(
      names = "--block-size",
      paramLabel = "BYTES",
      converter = BytesConverter.class,
      defaultValue = "4096",
      description =
          "A power of two from 512 to 64K (default: 4096). The kernel mounts an image whose blocks"
              + " are no larger than its pages; lazerofs serves all.")
  private int blockSize;

  @Option(
      names = "--direct",
      paramLabel = "PATTERN",
      converter = PatternConverter.class,
      description =
          "Store matching files uncompressed and aligned to blocks, for direct reads; may be given"
              + " more than once. *, ? and [a-z] match within a name, ** across names; a pattern"
              + " without a slash matches the file's name in any directory.")
  private List<PathPattern> direct = new ArrayList<>();

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // spec is set by picocli
  ImageOptions() {}

  /**
   * Returns what was asked for.
   *
   * @throws ParameterException when options do not go together
   */
  WriteOptions writeOptions() {
    try {
      return chosen();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  private WriteOptions chosen() {
    if (Integer.bitCount(blockSize) != 1) {
      throw new IllegalArgumentException("--block-size must be a power of two from 512 to 65536");
    }
    if (pcluster != null && compression == null) {
      throw new IllegalArgumentException("--pcluster needs --compress");
    }
    if (chunk != null && compression != null) {
      throw new IllegalArgumentException("--chunk cannot be combined with --compress");
    }
    WriteOptions options =
        WriteOptions.defaults()
            .withBlockBits(Integer.numberOfTrailingZeros(blockSize))
            .withDedupe(dedupe)
            .withDirect(direct)
            .withThreads(threads());
    if (compression != null) {
      options =
          options.withCompression(
              compression, pcluster != null ? pcluster : WriteOptions.DEFAULT_PCLUSTER);
    }
    return chunk != null ? options.withChunks(chunk) : options;
  }

  /** As many as there are processors, if half of the heap is enough for them. */
  private static int threads() {
    long byHeap = Runtime.getRuntime().maxMemory() / 2 / HEAP_PER_THREAD;
    return Math.clamp(byHeap, 1, Runtime.getRuntime().availableProcessors());
  }

  /** Reads numbers of bytes: {@code 4096}, {@code 64K}, {@code 1M}, {@code 1G}. */
  static final class BytesConverter implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
      int shift = text.endsWith("K") ? 10 : text.endsWith("M") ? 20 : text.endsWith("G") ? 30 : 0;
      try {
        int number = Integer.parseInt(shift > 0 ? text.substring(0, text.length() - 1) : text);
        return Math.multiplyExact(number, 1 << shift);
      } catch (ArithmeticException | NumberFormatException e) {
        throw new TypeConversionException(
            "'" + text + "' is not a number of bytes such as 4096, 64K or 1M");
      }
    }
  }

  /** Reads an algorithm and its level. */
  static final class CompressionConverter implements ITypeConverter<Compression> {
    @Override
    public Compression convert(String text) {
      try {
        return Compression.parse(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }

  /** Reads patterns of paths. */
  static final class PatternConverter implements ITypeConverter<PathPattern> {
    @Override
    public PathPattern convert(String text) {
      try {
        return PathPattern.of(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }
}
