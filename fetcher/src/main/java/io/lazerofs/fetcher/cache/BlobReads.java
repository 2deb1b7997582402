package io.lazerofs.fetcher.cache;

import static io.lazerofs.fetcher.cache.CachedBlob.BLOCK_BYTES;

import io.lazerofs.fetcher.cache.CachedBlob.Outcome;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * Reads of one blob: from its data file where the blocks are present, from memory where they are
 * only held for those who wait. Takes no lock and, into native memory, makes no object. Safe for
 * use by many threads.
 *
 * <p>Blocks may be evicted while they are read. A reader takes the map's count of clearings, sees
 * its blocks present, reads, and takes the count again. If it is the same, no bit was cleared until
 * after the read, so nothing that was read was punched. If not, it begins again. A look at the bits
 * alone would not do: the blocks may be gone and back.
 */
final class BlobReads {

  /** How bytes come out of the data file; false when they cannot come in this way. */
  @FunctionalInterface
  private interface Way {
    boolean read(DataFile data, long offset, MemorySegment destination, long at, long length)
        throws IOException;
  }

  private static final Way PAGE_CACHE =
      (data, offset, destination, at, length) -> {
        data.read(offset, destination, at, length);
        return true;
      };
  private static final Way DEVICE = DataFile::readFromDevice;

  /** Is told which blocks the disk does not give. */
  @FunctionalInterface
  interface Loss {
    /**
     * Makes the blocks absent.
     *
     * @throws IOException {@code reason}, when they are not to be: the blob is closed
     */
    void lost(long firstBlock, long endBlock, IOException reason) throws IOException;
  }

  private final CachedBlob blob;
  private final DataFile data;
  private final PresenceMap map;
  private final Regions regions;
  private final HeldBlocks held;
  private final Loss loss;

  /**
   * @param blob whose blocks they are in {@code held}
   */
  BlobReads(
      CachedBlob blob,
      DataFile data,
      PresenceMap map,
      Regions regions,
      HeldBlocks held,
      Loss loss) {
    this.blob = blob;
    this.data = data;
    this.map = map;
    this.regions = regions;
    this.held = held;
    this.loss = loss;
  }

  /** Reads as {@link CachedBlob#read} says. */
  Outcome read(long offset, MemorySegment destination, long at, long length) throws IOException {
    return read(PAGE_CACHE, offset, destination, at, length);
  }

  /** Reads as {@link CachedBlob#readFromDevice} says. */
  Outcome readFromDevice(long offset, MemorySegment destination, long at, long length)
      throws IOException {
    return read(DEVICE, offset, destination, at, length);
  }

  private Outcome read(Way way, long offset, MemorySegment destination, long at, long length)
      throws IOException {
    long first = offset / BLOCK_BYTES;
    long end = (offset + length + BLOCK_BYTES - 1) / BLOCK_BYTES;
    while (true) {
      long clearings = map.clearings();
      if (!map.isPresent(first, end)) {
        return readHeld(offset, destination, at, length);
      }
      try {
        if (!way.read(data, offset, destination, at, length)) {
          return Outcome.REFUSED;
        }
      } catch (IOException e) {
        loss.lost(first, end, e);
        return Outcome.ABSENT;
      }
      if (map.clearings() == clearings) {
        regions.touch(offset, length);
        return Outcome.READ;
      }
    }
  }

  /** Reads block by block, from memory or from the file. */
  private Outcome readHeld(long offset, MemorySegment destination, long at, long length)
      throws IOException {
    if (held.isEmpty()) {
      return Outcome.ABSENT;
    }
    for (long done = 0; done < length; ) {
      long block = (offset + done) / BLOCK_BYTES;
      int skip = (int) ((offset + done) % BLOCK_BYTES);
      int count = (int) Math.min(BLOCK_BYTES - skip, length - done);
      if (!held.copy(blob, block, skip, destination, at + done, count)
          && (!map.isPresent(block, block + 1)
              || read(offset + done, destination, at + done, count) != Outcome.READ)) {
        return Outcome.ABSENT;
      }
      done += count;
    }
    return Outcome.READ;
  }
}
