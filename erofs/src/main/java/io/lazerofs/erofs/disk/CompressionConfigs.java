package io.lazerofs.erofs.disk;

import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What readers must know of each algorithm that an image uses: length-prefixed records behind the
 * superblock, each at a multiple of 4 bytes, in the order of the algorithms' codes.
 */
public final class CompressionConfigs {

  /** Alignment of a record, and bytes that the largest padding before one takes plus one. */
  public static final int ALIGNMENT = 4;

  /** Size of the length that precedes each record, bytes. */
  public static final int LENGTH_SIZE = 2;

  private CompressionConfigs() {}

  /**
   * The record of LZ4.
   *
   * @param maxDistance how far back matches reach, bytes; 0 for 65,535
   * @param maxPclusterBlocks the largest pcluster, blocks; 0 for 1
   */
  public record Lz4(int maxDistance, int maxPclusterBlocks) implements Config {

    /** Size in bytes. */
    public static final int SIZE = 14;

    /** Decodes the record at {@code at}. */
    public static Lz4 decode(MemorySegment memory, long at) {
      return new Lz4(LittleEndian.u16(memory, at), LittleEndian.u16(memory, at + 2));
    }

    @Override
    public int size() {
      return SIZE;
    }

    @Override
    public void encode(MemorySegment memory, long at) {
      LittleEndian.putU16(memory, at, maxDistance);
      LittleEndian.putU16(memory, at + 2, maxPclusterBlocks);
    }
  }

  /**
   * The record of MicroLZMA.
   *
   * @param dictionarySize how far back matches reach, bytes; at most {@link #MAX_DICTIONARY}
   * @param format 0
   */
  public record Lzma(long dictionarySize, int format) implements Config {

    /** Size in bytes. */
    public static final int SIZE = 14;

    /** The largest dictionary that the kernel takes, bytes. */
    public static final int MAX_DICTIONARY = 8 << 20;

    /** Decodes the record at {@code at}. */
    public static Lzma decode(MemorySegment memory, long at) {
      return new Lzma(LittleEndian.u32(memory, at), LittleEndian.u16(memory, at + 4));
    }

    @Override
    public int size() {
      return SIZE;
    }

    @Override
    public void encode(MemorySegment memory, long at) {
      LittleEndian.putU32(memory, at, dictionarySize);
      LittleEndian.putU16(memory, at + 4, format);
    }
  }

  /**
   * The record of DEFLATE.
   *
   * @param windowBits binary logarithm of how far back matches reach, 8 to 15
   */
  public record Deflate(int windowBits) implements Config {

    /** Size in bytes. */
    public static final int SIZE = 6;

    /** Decodes the record at {@code at}. */
    public static Deflate decode(MemorySegment memory, long at) {
      return new Deflate(LittleEndian.u8(memory, at));
    }

    @Override
    public int size() {
      return SIZE;
    }

    @Override
    public void encode(MemorySegment memory, long at) {
      LittleEndian.putU8(memory, at, windowBits);
    }
  }

  /**
   * The record of Zstandard.
   *
   * @param format 0
   * @param windowLog binary logarithm of how far back matches reach, 10 to {@link #MAX_WINDOW_LOG}
   */
  public record Zstd(int format, int windowLog) implements Config {

    /** Size in bytes. */
    public static final int SIZE = 6;

    /** The largest window that the kernel takes: 1 MiB. */
    public static final int MAX_WINDOW_LOG = 20;

    private static final int WINDOW_LOG_BASE = 10;

    /** Decodes the record at {@code at}. */
    public static Zstd decode(MemorySegment memory, long at) {
      return new Zstd(
          LittleEndian.u8(memory, at), LittleEndian.u8(memory, at + 1) + WINDOW_LOG_BASE);
    }

    @Override
    public int size() {
      return SIZE;
    }

    @Override
    public void encode(MemorySegment memory, long at) {
      LittleEndian.putU8(memory, at, format);
      LittleEndian.putU8(memory, at + 1, windowLog - WINDOW_LOG_BASE);
    }
  }

  /** A record; reserved bytes are zeros. */
  public sealed interface Config permits Lz4, Lzma, Deflate, Zstd {

    /** Returns the size in bytes. */
    int size();

    /**
     * Encodes the fields at {@code at}, over zeros.
     *
     * @throws IllegalArgumentException when a value does not fit its field
     */
    void encode(MemorySegment memory, long at);

    /** Returns the algorithm that it is of. */
    default Algorithm algorithm() {
      return switch (this) {
        case Lz4 _ -> Algorithm.LZ4;
        case Lzma _ -> Algorithm.LZMA;
        case Deflate _ -> Algorithm.DEFLATE;
        case Zstd _ -> Algorithm.ZSTD;
      };
    }
  }

  /** Returns the bytes that records take, each with its length and padding before it. */
  public static int size(Map<Algorithm, Config> configs) {
    int size = 0;
    for (Config config : sorted(configs).values()) {
      size = aligned(size) + LENGTH_SIZE + config.size();
    }
    return size;
  }

  /** Encodes records at {@code at}, a multiple of 4, over {@link #size} bytes that are zeros. */
  public static void encode(Map<Algorithm, Config> configs, MemorySegment memory, long at) {
    int next = 0;
    for (Config config : sorted(configs).values()) {
      next = aligned(next);
      LittleEndian.putU16(memory, at + next, config.size());
      config.encode(memory, at + next + LENGTH_SIZE);
      next += LENGTH_SIZE + config.size();
    }
  }

  /** Returns the first multiple of {@link #ALIGNMENT} from {@code offset} on. */
  public static int aligned(int offset) {
    return (offset + ALIGNMENT - 1) & -ALIGNMENT;
  }

  private static SortedMap<Algorithm, Config> sorted(Map<Algorithm, Config> configs) {
    return new TreeMap<>(configs);
  }
}
