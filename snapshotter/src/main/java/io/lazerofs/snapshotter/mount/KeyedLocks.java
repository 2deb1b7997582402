package io.lazerofs.snapshotter.mount;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.locks.ReentrantLock;

/** A lock for each key, there only while somebody holds it or waits for it. */
final class KeyedLocks<K> {

  /** A held lock, given back by {@link #close}. */
  interface Held extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * A lock and how many threads hold it or wait for it; replaced under its key's lock in the map.
   */
  private record Entry(ReentrantLock lock, int users) {}

  private final ConcurrentMap<K, Entry> entries = new ConcurrentHashMap<>();

  /** Waits for the lock of a key. */
  Held hold(K key) {
    Entry mine =
        entries.merge(
            key,
            new Entry(new ReentrantLock(), 1),
            (entry, one) -> new Entry(entry.lock, entry.users + 1));
    mine.lock.lock();
    return () -> {
      mine.lock.unlock();
      entries.computeIfPresent(
          key,
          (sameKey, entry) -> entry.users == 1 ? null : new Entry(entry.lock, entry.users - 1));
    };
  }
}
