package io.lazerofs.erofs;

import io.lazerofs.erofs.disk.Algorithm;
import io.lazerofs.erofs.disk.CompressionConfigs;
import io.lazerofs.erofs.disk.IncompatibleFeature;
import io.lazerofs.erofs.disk.LittleEndian;
import io.lazerofs.erofs.disk.Superblock;
import io.lazerofs.source.ByteSource;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.EnumSet;
import java.util.Set;

/**
 * Reads which algorithms an image may use, and checks what it says about each (kernel:
 * z_erofs_parse_cfgs in fs/erofs/decompressor.c).
 */
final class CompressionReader {
  private static final int MIN_DEFLATE_WINDOW = 8;
  private static final int MAX_DEFLATE_WINDOW = 15;

  private CompressionReader() {}

  /** Returns the algorithms; only LZ4 when the image has no configurations. */
  static Set<Algorithm> read(Superblock superblock, ByteSource primary) throws IOException {
    if (!superblock.has(IncompatibleFeature.COMPRESSION_CONFIGS)) {
      return Set.of(Algorithm.LZ4);
    }
    Set<Algorithm> algorithms = EnumSet.noneOf(Algorithm.class);
    int unknown = superblock.compression();
    for (Algorithm algorithm : Algorithm.values()) {
      int bit = 1 << algorithm.code();
      if ((superblock.compression() & bit) != 0) {
        algorithms.add(algorithm);
        unknown &= ~bit;
      }
    }
    if (unknown != 0) {
      throw new UnsupportedFeatureException("compression algorithms", unknown);
    }
    long at = Superblock.OFFSET + (long) superblock.size();
    for (Algorithm algorithm : algorithms) {
      at = (at + CompressionConfigs.ALIGNMENT - 1) & -CompressionConfigs.ALIGNMENT;
      String what = algorithm + " configuration";
      int size =
          LittleEndian.u16(Checked.bytes(primary, at, CompressionConfigs.LENGTH_SIZE, what), 0);
      at += CompressionConfigs.LENGTH_SIZE;
      check(algorithm, Checked.bytes(primary, at, size, what), superblock.blockBits(), at);
      at += size;
    }
    return algorithms;
  }

  private static void check(Algorithm algorithm, MemorySegment bytes, int blockBits, long at)
      throws ErofsException {
    switch (algorithm) {
      case LZ4 -> {
        atLeast(bytes, CompressionConfigs.Lz4.SIZE, "LZ4 configuration", at);
        int blocks = CompressionConfigs.Lz4.decode(bytes, 0).maxPclusterBlocks();
        between(0, blocks, PclusterRules.MAX_STORED >> blockBits, "LZ4 pcluster blocks", at);
      }
      case LZMA -> {
        atLeast(bytes, CompressionConfigs.Lzma.SIZE, "LZMA configuration", at);
        CompressionConfigs.Lzma config = CompressionConfigs.Lzma.decode(bytes, 0);
        format(config.format(), "LZMA format");
        between(
            1,
            config.dictionarySize(),
            CompressionConfigs.Lzma.MAX_DICTIONARY,
            "LZMA dictionary size",
            at);
      }
      case DEFLATE -> {
        atLeast(bytes, CompressionConfigs.Deflate.SIZE, "DEFLATE configuration", at);
        int bits = CompressionConfigs.Deflate.decode(bytes, 0).windowBits();
        between(MIN_DEFLATE_WINDOW, bits, MAX_DEFLATE_WINDOW, "DEFLATE window bits", at);
      }
      case ZSTD -> {
        atLeast(bytes, CompressionConfigs.Zstd.SIZE, "ZSTD configuration", at);
        CompressionConfigs.Zstd config = CompressionConfigs.Zstd.decode(bytes, 0);
        format(config.format(), "ZSTD format");
        between(
            0, config.windowLog(), CompressionConfigs.Zstd.MAX_WINDOW_LOG, "ZSTD window log", at);
      }
    }
  }

  private static void atLeast(MemorySegment bytes, int size, String what, long at)
      throws CorruptImageException {
    if (bytes.byteSize() < size) {
      throw new CorruptImageException(at, what, "at least " + size + " bytes", bytes.byteSize());
    }
  }

  private static void between(long least, long actual, long most, String what, long at)
      throws CorruptImageException {
    if (actual < least || actual > most) {
      throw new CorruptImageException(at, what, least + " to " + most, actual);
    }
  }

  private static void format(int format, String what) throws UnsupportedFeatureException {
    if (format != 0) {
      throw new UnsupportedFeatureException(what, format);
    }
  }
}
