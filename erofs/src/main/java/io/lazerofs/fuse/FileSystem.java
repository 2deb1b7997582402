package io.lazerofs.fuse;

import io.lazerofs.dio.ReadBuffer;
import io.lazerofs.source.AbsentException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;

/**
 * A read-only file system whose nodes are known by number: what a FUSE server drives.
 *
 * <p>No method waits for a network. One that needs absent bytes throws {@link AbsentException}; the
 * server awaits them elsewhere and calls again, so each method may be called any number of times
 * for one request and keeps nothing between calls. All methods are safe for use by many threads at
 * once.
 *
 * <p>Names are raw bytes as the kernel gives them, without a terminator. Node ids are 64 bits, the
 * root's is {@link #ROOT}; there is no state behind them: a node id stays valid for as long as the
 * file system serves it, whether or not it was looked up.
 *
 * <p>An {@link IOException} becomes an errno in {@code Errno.of}, and only there.
 */
public interface FileSystem {

  /** The node id of the root directory (include/uapi/linux/fuse.h, FUSE_ROOT_ID). */
  long ROOT = 1;

  /** Returns the entry called {@code name} in a directory, or empty when there is none. */
  Optional<Entry> lookup(long directory, byte[] name) throws IOException;

  /**
   * Whether the kernel may remember that a name does not exist in {@code directory}. Only a
   * directory that can never gain an entry answers true; of any other, the kernel remembers neither
   * names nor the directory's own attributes, whose time changes when an entry comes or goes.
   */
  boolean remembersMissingNames(long directory);

  /**
   * Returns a number that tells apart the nodes that had the id {@code node} at different times. A
   * kernel that still holds an older one then refuses it (ESTALE) instead of taking it for the new.
   */
  long generation(long node) throws IOException;

  /** Returns the attributes of a node. */
  Attributes attributes(long node) throws IOException;

  /** Returns the target of a symbolic link, without a terminator. */
  byte[] readLink(long node) throws IOException;

  /**
   * Whether {@link #open} has something to say. If not, the kernel is told so once and opens files
   * without a request. It never changes.
   */
  default boolean judgesOpens() {
    return false;
  }

  /**
   * Judges an open of a regular file for reading; nothing is kept of one that is allowed. Called
   * only if {@link #judgesOpens}.
   *
   * @param direct whether the file is opened with O_DIRECT
   * @throws IOException when it may not be opened so
   */
  default void open(long node, boolean direct) throws IOException {
    // Anyone may open whatever its permissions allow.
  }

  /**
   * Reads from a regular file, whole or to its end.
   *
   * @param offset the first byte, from 0; at or past the end of the file nothing is read
   * @param length the number of bytes wanted, at least 0 and at most the size of {@code buffer}'s
   *     memory
   * @param direct whether the file was opened with O_DIRECT; a hint, since page fills of a mapping
   *     made through such a descriptor carry it too
   * @param buffer where the bytes go, or where they are said to be; undefined after a failure
   * @return the number of bytes read; fewer than {@code length} only at the end of the file
   */
  int read(long node, long offset, int length, boolean direct, ReadBuffer buffer)
      throws IOException;

  /**
   * Lists a directory, "." and ".." included, from a position on, until {@code sink} is full.
   *
   * @param position 0 for the first entry, or the {@code next} of an entry given before
   */
  void list(long directory, long position, DirectorySink sink) throws IOException;

  /** Returns an extended attribute's value, or empty when the node has no such attribute. */
  Optional<byte[]> xattr(long node, byte[] name) throws IOException;

  /** Returns the full names of all extended attributes of a node. */
  List<byte[]> xattrNames(long node) throws IOException;

  /**
   * Returns the first offset from {@code offset} on that is data, or that is a hole (lseek(2),
   * SEEK_DATA and SEEK_HOLE); the end of the file counts as a hole.
   *
   * @return the offset, or -1 when there is none (ENXIO)
   */
  long seek(long node, long offset, boolean hole) throws IOException;

  /** Returns the size of the file system that holds {@code node}. */
  Statistics statistics(long node) throws IOException;

  /** Takes the entries of a directory while there is room. */
  @FunctionalInterface
  interface DirectorySink {
    /**
     * Offers one entry.
     *
     * @param name its raw name, valid during the call only
     * @param node its node id
     * @param type its file type as in the format bits of st_mode, shifted right by 12 (DT_*)
     * @param next the position after it
     * @return false when it did not fit; it was not taken, and the listing ends
     */
    boolean offer(MemorySegment name, long node, int type, long next) throws IOException;
  }
}
