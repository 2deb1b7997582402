package io.lazerofs.layers;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The regular files that were read last, of all layers of a server, with the mappings that they
 * keep; within a bound in bytes.
 *
 * <p>Safe for use by many threads at once. To find a file again takes no lock and allocates nothing
 * as long as no other file came into its slot.
 */
final class RecentFiles {
  /*
   * Caffeine needs an object for the key of each look-up, and notes each in a buffer that readers
   * share. A direct-mapped table stands in front of it: one slot for each value of a hash of the
   * node id, so that finding a file is one load with acquire and two comparisons, and leaves no
   * garbage. Caffeine does not see the reads that the table answers, and may drop a file that is
   * read all the time: then it is made again, which costs about what a look-up does.
   *
   * What Caffeine drops leaves the table too, so that the bound holds for both.
   */

  /** What a server keeps, bytes: about 25,000 flat files. */
  private static final long SERVER_BYTES = 8 << 20;

  /** What an entry takes beside the file, about: key, record, Caffeine's node, the map's node. */
  private static final int ENTRY_OVERHEAD = 160;

  private static final int SLOT_BITS = 10;

  /** 2^64 divided by the golden ratio: spreads node ids that are near each other. */
  private static final long SPREAD = 0x9E3779B97F4A7C15L;

  private final AtomicReferenceArray<@Nullable Recent> slots =
      new AtomicReferenceArray<>(1 << SLOT_BITS);
  private final Cache<Key, Recent> files;

  private RecentFiles(long bytes) {
    files =
        Caffeine.newBuilder()
            .executor(Runnable::run)
            .maximumWeight(bytes)
            .weigher((Key _, Recent recent) -> ENTRY_OVERHEAD + recent.file.mostBytes())
            .removalListener(
                (@Nullable Key _, @Nullable Recent recent, RemovalCause _) -> leave(recent))
            .build();
  }

  /** Returns an empty collection for a server. */
  static RecentFiles ofServer() {
    return new RecentFiles(SERVER_BYTES);
  }

  /** Returns an empty collection that takes about {@code bytes} at most. */
  static RecentFiles ofBytes(long bytes) {
    return new RecentFiles(bytes);
  }

  /** A file's name here: file systems are compared by identity, so that an index may be reused. */
  private record Key(ImageFileSystem owner, long node) {}

  private record Recent(Key key, ImageFile file) {
    boolean is(ImageFileSystem owner, long node) {
      return key.node == node && key.owner == owner;
    }
  }

  /** Returns a file of {@code owner} if it is here. */
  @Nullable ImageFile find(ImageFileSystem owner, long node) {
    int slot = slot(node);
    Recent recent = slots.getAcquire(slot);
    if (recent != null && recent.is(owner, node)) {
      return recent.file;
    }
    Recent kept = files.getIfPresent(new Key(owner, node));
    if (kept == null) {
      return null;
    }
    slots.setRelease(slot, kept);
    return kept.file;
  }

  /** Adds a file and returns it, or the one that another thread added before. */
  ImageFile add(ImageFileSystem owner, long node, ImageFile file) {
    Recent mine = new Recent(new Key(owner, node), file);
    Recent before = files.asMap().putIfAbsent(mine.key, mine);
    Recent recent = before == null ? mine : before;
    slots.setRelease(slot(node), recent);
    return recent.file;
  }

  /** Drops the files of a layer that is gone. */
  void forget(ImageFileSystem owner) {
    files.asMap().keySet().removeIf(key -> key.owner == owner);
    for (int slot = 0; slot < slots.length(); slot++) {
      Recent recent = slots.getAcquire(slot);
      if (recent != null && recent.key.owner == owner) {
        slots.compareAndSet(slot, recent, null);
      }
    }
  }

  /** Returns about how many bytes are held. */
  long heldBytes() {
    files.cleanUp();
    return files.policy().eviction().orElseThrow().weightedSize().orElseThrow();
  }

  private void leave(@Nullable Recent recent) {
    if (recent != null) {
      slots.compareAndSet(slot(recent.key.node), recent, null);
    }
  }

  private static int slot(long node) {
    return (int) (node * SPREAD >>> Long.SIZE - SLOT_BITS);
  }
}
