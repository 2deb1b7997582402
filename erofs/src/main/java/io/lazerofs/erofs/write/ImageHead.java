package io.lazerofs.erofs.write;

import io.lazerofs.erofs.codec.Compression;
import io.lazerofs.erofs.disk.Algorithm;
import io.lazerofs.erofs.disk.CompatibleFeatures;
import io.lazerofs.erofs.disk.CompressionConfigs;
import io.lazerofs.erofs.disk.IncompatibleFeature;
import io.lazerofs.erofs.disk.Superblock;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * The first blocks of an image: unused bytes, the superblock, and what readers must know of the
 * compression algorithm.
 */
record ImageHead(WriteOptions options, Layout layout, Set<IncompatibleFeature> features) {

  /**
   * The most that the kernel takes: 1 MiB in blocks of 4 KiB, also where blocks are smaller. It
   * only reserves as many pages (z_erofs_load_lz4_config in fs/erofs/decompressor.c).
   */
  private static final int MAX_LZ4_BLOCKS = 256;

  /** Returns the size in bytes: whole blocks. */
  static int size(WriteOptions options) {
    int used = Superblock.OFFSET + Superblock.SIZE + CompressionConfigs.size(configs(options));
    return used + options.blockSize() - 1 & -options.blockSize();
  }

  /**
   * Returns the bytes.
   *
   * @param blocks the size of the image
   */
  byte[] encode(long blocks, UUID uuid) {
    byte[] head = new byte[size(options)];
    MemorySegment memory = MemorySegment.ofArray(head).asSlice(Superblock.OFFSET);
    superblock(blocks, uuid).encode(memory, 0);
    CompressionConfigs.encode(configs(options), memory, Superblock.SIZE);
    Superblock.seal(memory, options.blockBits());
    return head;
  }

  private Superblock superblock(long blocks, UUID uuid) {
    return new Superblock(
        0,
        CompatibleFeatures.CHECKSUM | CompatibleFeatures.MTIME,
        options.blockBits(),
        0,
        layout.inodes().getFirst().nid(),
        layout.inodes().size(),
        layout.epoch().seconds(),
        layout.epoch().nanoseconds(),
        blocks,
        layout.metaBlock(),
        0,
        uuid,
        "",
        features.stream().mapToInt(IncompatibleFeature::bit).reduce(0, (all, bit) -> all | bit),
        options.compression().map(used -> 1 << used.algorithm().code()).orElse(0),
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0);
  }

  private static Map<Algorithm, CompressionConfigs.Config> configs(WriteOptions options) {
    return options
        .compression()
        .map(used -> Map.of(used.algorithm(), config(used, options)))
        .orElse(Map.of());
  }

  private static CompressionConfigs.Config config(Compression used, WriteOptions options) {
    return switch (used.algorithm()) {
      case LZ4 ->
          new CompressionConfigs.Lz4(
              Compression.LZ4_MAX_DISTANCE, Math.min(MAX_LZ4_BLOCKS, options.pclusterBlocks()));
      case LZMA ->
          new CompressionConfigs.Lzma(Compression.lzmaDictionary(ContentPipeline.SEGMENT), 0);
      case DEFLATE -> new CompressionConfigs.Deflate(Compression.DEFLATE_WINDOW_BITS);
      case ZSTD ->
          new CompressionConfigs.Zstd(0, Compression.zstdWindowLog(ContentPipeline.SEGMENT));
    };
  }
}
