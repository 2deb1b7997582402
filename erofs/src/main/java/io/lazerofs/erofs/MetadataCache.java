package io.lazerofs.erofs;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.lazerofs.source.ByteSource;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * Decoded metadata of any number of images, the recently used, within a bound in bytes: inodes,
 * directory blocks, and the bytes of xattrs.
 *
 * <p>It serves images whose metadata has to be copied out of a file that is being filled, or out of
 * a compressed metabox. Where metadata is memory already ({@link ByteSource#memory}) nothing is
 * kept: to decode an inode again takes a quarter of the time of a look-up here, and a look-up less
 * than a tenth of that of copying an inode out of a file.
 *
 * <p>Safe for use by many threads at once. Two that miss the same record both read it. What is
 * absent is not kept, so it is looked for again. Records are known by their source, which is an
 * object of its own for each layer that is opened; what belongs to sources that nobody reads any
 * more leaves in time.
 */
public final class MetadataCache {

  /** What a server keeps for all its images, bytes: about 40,000 inodes, or 1,900 directories. */
  public static final long SERVER_BYTES = 8 << 20;

  /** What an entry takes beside its value, about: the key, Caffeine's node, the map's node. */
  private static final int ENTRY_OVERHEAD = 128;

  /** An {@link Inode} of 64-bit HotSpot with compressed pointers. */
  private static final int INODE_BYTES = 96;

  /** A segment, its array's header, and the record around it. */
  private static final int SEGMENT_OVERHEAD = 96;

  private static final int NO_BLOCK = -1;

  private final Cache<Key, Object> records;

  private MetadataCache(long bytes) {
    records =
        Caffeine.newBuilder()
            .executor(Runnable::run)
            .maximumWeight(bytes)
            .weigher((Key _, Object value) -> ENTRY_OVERHEAD + weight(value))
            .build();
  }

  /**
   * Returns an empty cache.
   *
   * @param bytes how much of the heap it takes at most, about
   */
  public static MetadataCache ofBytes(long bytes) {
    return new MetadataCache(bytes);
  }

  /**
   * Where a record is: sources are compared by identity.
   *
   * @param block which block of a compressed directory, whose inode is at {@code position}; {@link
   *     #NO_BLOCK} for a record that is stored as it is
   */
  private record Key(ByteSource source, long position, long block) {}

  /** Reads and decodes one record. */
  @FunctionalInterface
  interface Loader<T> {
    T load() throws IOException;
  }

  /** Returns the record at a position, from the cache or from {@code loader}. */
  <T> T get(Class<T> kind, ByteSource source, long position, Loader<T> loader) throws IOException {
    if (source.memory().byteSize() != 0) {
      return loader.load();
    }
    return get(kind, new Key(source, position, NO_BLOCK), loader);
  }

  /** Returns a block of a directory that has to be decompressed. */
  DirectoryBlock decompressed(
      ByteSource source, long position, long block, Loader<DirectoryBlock> loader)
      throws IOException {
    return get(DirectoryBlock.class, new Key(source, position, block), loader);
  }

  private <T> T get(Class<T> kind, Key key, Loader<T> loader) throws IOException {
    Object found = records.getIfPresent(key);
    // Records of a corrupt image may overlap: then the one that was read last is kept.
    if (kind.isInstance(found)) {
      return kind.cast(found);
    }
    T loaded = loader.load();
    if (!isLent(loaded)) {
      records.put(key, loaded);
    }
    return loaded;
  }

  /**
   * Tells whether a record lies in memory of its source, which began to lend it just now: it may
   * take it back at any time.
   */
  private static boolean isLent(Object record) {
    return switch (record) {
      case DirectoryBlock block -> block.bytes().isMapped();
      case MemorySegment bytes -> bytes.isMapped();
      default -> false;
    };
  }

  private static int weight(Object value) {
    return switch (value) {
      case DirectoryBlock block -> SEGMENT_OVERHEAD + (int) block.bytes().byteSize();
      case MemorySegment bytes -> SEGMENT_OVERHEAD + (int) bytes.byteSize();
      default -> INODE_BYTES;
    };
  }

  /** Returns about how many bytes are held. */
  long heldBytes() {
    records.cleanUp();
    return records.policy().eviction().orElseThrow().weightedSize().orElseThrow();
  }
}
