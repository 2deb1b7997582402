package io.lazerofs.erofs;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.lazerofs.erofs.codec.CorruptStreamException;
import io.lazerofs.erofs.codec.Decoder;
import io.lazerofs.erofs.disk.Algorithm;
import io.lazerofs.source.AbsentException;
import io.lazerofs.source.ByteSource;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * Decoded pclusters of any number of images, the recently used ones, within a bound in bytes.
 *
 * <p>Safe for use by many threads at once. A pcluster is decoded once however many readers wait for
 * it, and no further than the first of them needs, rounded; when one needs more, to its end. Nobody
 * waits for a reader of another pcluster, nor for a network: a reader that finds the compressed
 * bytes absent ends with that, and the next one tries itself. What belongs to images that nobody
 * reads any more leaves in time.
 */
public final class ClusterCache {

  /**
   * What a server keeps for all its images, bytes: the kernel's page cache has what was read, so
   * this has to hold only pclusters that are read in parts or through several files.
   */
  public static final long SERVER_BYTES = 64 << 20;

  /** A first reader's need is rounded up to this: what takes about as long as finding it does. */
  private static final int PREFIX = 32 << 10;

  /** What an entry takes beside its bytes, about: the key, the array's header, Caffeine's node. */
  private static final int ENTRY_OVERHEAD = 160;

  private final Cache<Pcluster, byte[]> decoded;
  private final ConcurrentMap<Pcluster, CompletableFuture<Optional<byte[]>>> flights =
      new ConcurrentHashMap<>();
  private final ScratchPool scratch = new ScratchPool();
  private final LongAdder hits = new LongAdder();
  private final LongAdder decodes = new LongAdder();
  private final LongAdder decodedBytes = new LongAdder();

  private ClusterCache(long bytes) {
    this.decoded =
        Caffeine.newBuilder()
            .executor(Runnable::run)
            .maximumWeight(bytes)
            .weigher((Pcluster _, byte[] content) -> content.length + ENTRY_OVERHEAD)
            .build();
  }

  /**
   * Returns an empty cache.
   *
   * @param bytes how much decoded data it holds at most; a pcluster that is larger is decoded again
   *     for each read of it
   */
  public static ClusterCache ofBytes(long bytes) {
    return new ClusterCache(bytes);
  }

  /** What a decoded pcluster is known by: several files, and parts of files, may share one. */
  private record Pcluster(ByteSource source, long physical, int stored, Algorithm algorithm) {}

  /**
   * What the cache did since it was made.
   *
   * @param hits reads that found what they needed, or waited for another that decoded it
   * @param decodes runs of a decoder that succeeded
   * @param decodedBytes bytes that these gave
   * @param heldBytes bytes that the cache holds at the moment, with about what it takes to hold
   *     them
   */
  public record Statistics(long hits, long decodes, long decodedBytes, long heldBytes) {}

  /** Returns what the cache did so far. */
  public Statistics statistics() {
    long held = decoded.policy().eviction().orElseThrow().weightedSize().orElseThrow();
    return new Statistics(hits.sum(), decodes.sum(), decodedBytes.sum(), held);
  }

  /**
   * Reads decoded bytes of a pcluster.
   *
   * @param from the first byte, from the start of the extent
   * @param destination ends with the extent at the latest
   * @throws AbsentException when compressed bytes are absent
   * @throws CorruptImageException when they are no such stream
   */
  void read(Extent.Compressed extent, Algorithm algorithm, int from, MemorySegment destination)
      throws IOException {
    int length = (int) destination.byteSize();
    byte[] content = content(extent, algorithm, from + length);
    MemorySegment.copy(content, from, destination, ValueLayout.JAVA_BYTE, 0, length);
  }

  /** Returns at least the first {@code needed} bytes. */
  private byte[] content(Extent.Compressed extent, Algorithm algorithm, int needed)
      throws IOException {
    Pcluster pcluster =
        new Pcluster(extent.source(), extent.physical(), extent.stored(), algorithm);
    while (true) {
      byte[] found = decoded.getIfPresent(pcluster);
      if (found != null && found.length >= needed) {
        hits.increment();
        return found;
      }
      CompletableFuture<Optional<byte[]>> mine = new CompletableFuture<>();
      CompletableFuture<Optional<byte[]>> other = flights.putIfAbsent(pcluster, mine);
      if (other == null) {
        return lead(pcluster, mine, extent, needed);
      }
      Optional<byte[]> waited = other.join();
      if (waited.isPresent() && waited.get().length >= needed) {
        hits.increment();
        return waited.get();
      }
    }
  }

  /** Decodes for this reader and for those who wait for {@code flight}. */
  private byte[] lead(
      Pcluster pcluster,
      CompletableFuture<Optional<byte[]>> flight,
      Extent.Compressed extent,
      int needed)
      throws IOException {
    Optional<byte[]> result = Optional.empty();
    try {
      // Another flight may have landed between the look into the cache and this one's start.
      byte[] found = decoded.getIfPresent(pcluster);
      if (found != null && found.length >= needed) {
        hits.increment();
        result = Optional.of(found);
        return found;
      }
      byte[] content = decode(extent, pcluster.algorithm(), length(extent, needed, found != null));
      result = Optional.of(content);
      decoded.put(pcluster, content);
      return content;
    } finally {
      flights.remove(pcluster, flight);
      flight.complete(result);
    }
  }

  /** Returns how far to decode: all at the second time, so that small steps do not add up. */
  private static int length(Extent.Compressed extent, int needed, boolean again) {
    int all = (int) extent.length();
    int rounded = (needed + PREFIX - 1) & -PREFIX;
    return again || rounded > all / 2 ? all : rounded;
  }

  private byte[] decode(Extent.Compressed extent, Algorithm algorithm, int length)
      throws IOException {
    int stored = extent.stored();
    byte[] compressed = scratch.take(stored);
    try {
      extent.source().read(extent.physical(), MemorySegment.ofArray(compressed).asSlice(0, stored));
      // Streams stand at the end of their blocks; none begins with a zero.
      int start = 0;
      while (start < stored && compressed[start] == 0) {
        start++;
      }
      byte[] content = new byte[length];
      boolean partial = extent.partial() || length < extent.length();
      Decoder.of(algorithm).decode(compressed, start, stored, content, length, partial);
      decodes.increment();
      decodedBytes.add(length);
      return content;
    } catch (CorruptStreamException e) {
      CorruptImageException corrupt =
          new CorruptImageException(
              extent.physical(),
              algorithm + " pcluster of " + stored + " bytes",
              length + " bytes",
              e.problem());
      corrupt.initCause(e);
      throw corrupt;
    } finally {
      scratch.give(compressed);
    }
  }
}
