package io.lazerofs.erofs;

import static java.util.Objects.requireNonNull;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import io.lazerofs.erofs.codec.CorruptStreamException;
import io.lazerofs.erofs.codec.Decoder;
import io.lazerofs.erofs.disk.Algorithm;
import io.lazerofs.source.AbsentException;
import io.lazerofs.source.ByteSource;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Decoded pclusters of any number of images, the recently used ones, within a bound in bytes.
 *
 * <p>Safe for use by many threads at once. A pcluster is decoded once however many readers wait for
 * it, and no further than the first of them needs, rounded; when one needs more, to its end. A
 * reader of a whole pcluster has it decoded into its own memory, and it is not kept: the kernel's
 * page cache has it then. Nobody waits for a reader of another pcluster, nor for a network: a
 * reader that finds the compressed bytes absent ends with that, and the next one tries itself. What
 * belongs to images that nobody reads any more leaves in time.
 */
public final class ClusterCache {

  /**
   * What a server keeps for all its images, bytes: the kernel's page cache has what was read, so
   * this has to hold only pclusters that are read in parts or through several files.
   */
  public static final long SERVER_BYTES = 64 << 20;

  /** The share of the bound that arrays are kept for use again up to, beside what is held. */
  private static final int SPARE = 8;

  /** What an entry takes beside its bytes, about: the key, the array's header, Caffeine's node. */
  private static final int ENTRY_OVERHEAD = 160;

  private final Cache<Pcluster, Decoded> decoded;
  private final ConcurrentMap<Pcluster, Flight> flights = new ConcurrentHashMap<>();
  private final ArrayPool arrays;
  private final ScratchPool scratch = new ScratchPool();
  private final LongAdder hits = new LongAdder();
  private final LongAdder decodes = new LongAdder();
  private final LongAdder decodedBytes = new LongAdder();

  private ClusterCache(long bytes) {
    this.arrays = new ArrayPool(bytes / SPARE);
    this.decoded =
        Caffeine.newBuilder()
            .executor(Runnable::run)
            .maximumWeight(bytes)
            .weigher((Pcluster _, Decoded content) -> content.capacity() + ENTRY_OVERHEAD)
            .removalListener((@Nullable Pcluster _, @Nullable Decoded content, RemovalCause _) ->
                requireNonNull(content).release())
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
    Pcluster pcluster =
        new Pcluster(extent.source(), extent.physical(), extent.stored(), algorithm);
    boolean done = false;
    while (!done) {
      Optional<Decoded> found = cached(pcluster);
      boolean again = found.isPresent();
      done = copy(found, from, destination);
      if (!done) {
        Flight mine = new Flight();
        Flight flight = flights.merge(pcluster, mine, (running, _) -> running.joined());
        if (flight == mine) {
          lead(new Lead(pcluster, mine, extent, again), from, destination);
          done = true;
        } else {
          done = copy(flight.result.join(), from, destination);
        }
      }
    }
  }

  /** Returns what the cache has of a pcluster, with a reference for the caller. */
  private Optional<Decoded> cached(Pcluster pcluster) {
    Decoded found = decoded.getIfPresent(pcluster);
    return found != null && found.acquire(1) ? Optional.of(found) : Optional.empty();
  }

  /**
   * Copies bytes out of {@code content} if it has them all, and gives up the reference to it.
   *
   * @return whether it had
   */
  private boolean copy(Optional<Decoded> content, int from, MemorySegment destination) {
    if (content.isEmpty()) {
      return false;
    }
    Decoded bytes = content.get();
    try {
      if (bytes.length() < from + destination.byteSize()) {
        return false;
      }
      bytes.copy(from, destination);
      hits.increment();
      return true;
    } finally {
      bytes.release();
    }
  }

  /** What the reader that decodes goes by; {@code again} if the cache has less than it needs. */
  private record Lead(Pcluster pcluster, Flight flight, Extent.Compressed extent, boolean again) {}

  /** Decodes for this reader and for those who wait for its flight. */
  private void lead(Lead lead, int from, MemorySegment destination) throws IOException {
    Optional<Decoded> result = Optional.empty();
    boolean whole = destination.byteSize() == lead.extent.length();
    boolean filled = false;
    try {
      // Another flight may have landed between the look into the cache and this one's start.
      if (copy(cached(lead.pcluster), from, destination)) {
        return;
      }
      if (whole) {
        decode(lead.extent, lead.pcluster.algorithm, destination.asByteBuffer());
        filled = true;
      } else {
        int needed = from + (int) destination.byteSize();
        Decoded content = decode(lead, needed);
        result = Optional.of(content);
        content.copy(from, destination);
      }
    } finally {
      flights.remove(lead.pcluster, lead.flight);
      if (filled && lead.flight.waiting > 0) {
        result = Optional.of(kept(lead.pcluster, destination));
      }
      land(lead.flight, result);
    }
  }

  /** Hands a reference to each who waits; nobody can join any more. */
  private static void land(Flight flight, Optional<Decoded> result) {
    result.ifPresent(content -> content.acquire(flight.waiting));
    flight.result.complete(result);
    result.ifPresent(Decoded::release);
  }

  /** Returns a copy of a whole pcluster that the cache has too. */
  private Decoded kept(Pcluster pcluster, MemorySegment bytes) {
    Decoded content = new Decoded(arrays, (int) bytes.byteSize());
    MemorySegment.ofArray(content.array()).asSlice(0, bytes.byteSize()).copyFrom(bytes);
    keep(pcluster, content);
    return content;
  }

  private void keep(Pcluster pcluster, Decoded content) {
    content.acquire(1);
    decoded.put(pcluster, content);
  }

  /** Returns at least the first {@code needed} bytes of a pcluster, which the cache has too. */
  private Decoded decode(Lead lead, int needed) throws IOException {
    Algorithm algorithm = lead.pcluster.algorithm;
    int all = (int) lead.extent.length();
    Decoded content = new Decoded(arrays, lead.again ? all : Prefix.length(algorithm, needed, all));
    boolean done = false;
    try {
      ByteBuffer bytes = ByteBuffer.wrap(content.array(), 0, content.length());
      decode(lead.extent, algorithm, bytes);
      done = true;
    } finally {
      if (!done) {
        content.release();
      }
    }
    keep(lead.pcluster, content);
    return content;
  }

  private void decode(Extent.Compressed extent, Algorithm algorithm, ByteBuffer destination)
      throws IOException {
    int stored = extent.stored();
    int length = destination.remaining();
    byte[] compressed = scratch.take(stored);
    try {
      extent.source().read(extent.physical(), MemorySegment.ofArray(compressed).asSlice(0, stored));
      // Streams stand at the end of their blocks; none begins with a zero.
      int start = 0;
      while (start < stored && compressed[start] == 0) {
        start++;
      }
      boolean partial = extent.partial() || length < extent.length();
      Decoder.of(algorithm).decode(compressed, start, stored, destination, partial);
      decodes.increment();
      decodedBytes.add(length);
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

  /** A pcluster that is being decoded, and who waits for it. */
  private static final class Flight {
    private final CompletableFuture<Optional<Decoded>> result = new CompletableFuture<>();

    /** Grows only inside of the map's own lock, and not once the flight has left the map. */
    private int waiting;

    Flight joined() {
      waiting++;
      return this;
    }
  }
}
