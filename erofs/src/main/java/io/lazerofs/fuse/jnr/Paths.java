package io.lazerofs.fuse.jnr;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.lazerofs.fuse.Entry;
import io.lazerofs.fuse.FileSystem;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Where paths lead in a file system. Directories that were passed are remembered within a bound,
 * unless the file system's root is one that changes. Safe for use by many threads.
 */
final class Paths {
  /** The memory that remembered directories take, about, bytes. */
  private static final long CACHE_BYTES = 4 << 20;

  /** What one of them takes besides its path, bytes. */
  private static final int ENTRY_BYTES = 128;

  private final FileSystem files;
  private final boolean remember;
  private final Cache<ByteBuffer, Long> directories =
      Caffeine.newBuilder()
          .maximumWeight(CACHE_BYTES)
          .weigher((ByteBuffer path, Long node) -> path.capacity() + ENTRY_BYTES)
          .build();

  Paths(FileSystem files) {
    this.files = files;
    remember = files.remembersMissingNames(FileSystem.ROOT);
  }

  /**
   * Returns what is at a path, or empty when there is nothing.
   *
   * @param path absolute, without a slash at its end unless it is the root's
   */
  Optional<Entry> entry(byte[] path) throws IOException {
    int slash = slashBefore(path, path.length);
    if (path.length == 1) {
      return Optional.of(new Entry(FileSystem.ROOT, files.attributes(FileSystem.ROOT)));
    }
    OptionalLong directory = directory(path, slash);
    return directory.isEmpty()
        ? Optional.empty()
        : files.lookup(directory.getAsLong(), Arrays.copyOfRange(path, slash + 1, path.length));
  }

  /** Returns the node at the first {@code end} bytes of a path. */
  private OptionalLong directory(byte[] path, int end) throws IOException {
    if (end == 0) {
      return OptionalLong.of(FileSystem.ROOT);
    }
    ByteBuffer key = ByteBuffer.wrap(Arrays.copyOf(path, end));
    Long known = directories.getIfPresent(key);
    if (known != null) {
      return OptionalLong.of(known);
    }
    int slash = slashBefore(path, end);
    OptionalLong parent = directory(path, slash);
    if (parent.isEmpty()) {
      return parent;
    }
    Optional<Entry> found =
        files.lookup(parent.getAsLong(), Arrays.copyOfRange(path, slash + 1, end));
    if (found.isEmpty()) {
      return OptionalLong.empty();
    }
    if (remember) {
      directories.put(key, found.get().node());
    }
    return OptionalLong.of(found.get().node());
  }

  private static int slashBefore(byte[] path, int end) {
    int at = end - 1;
    while (at >= 0 && path[at] != '/') {
      at--;
    }
    if (at < 0) {
      throw new IllegalArgumentException("no absolute path");
    }
    return at;
  }
}
