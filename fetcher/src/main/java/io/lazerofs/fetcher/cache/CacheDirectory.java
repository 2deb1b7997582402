package io.lazerofs.fetcher.cache;

import io.lazerofs.files.FileStatus;
import io.lazerofs.files.FileSystemType;
import io.lazerofs.files.SparseFile;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The layout of a cache directory; it alone knows the paths.
 *
 * <pre>{@code
 * DIRECTORY/
 *   lock                      locked while a cache has the directory
 *   owner                     the process that holds the lock
 *   blobs/HEX.SIZE.data       a blob's bytes, sparse, SIZE long
 *   blobs/HEX.SIZE.presence   which of them are present: PresenceFile; its time of modification is
 *                             about when the blob was last in use
 * }</pre>
 */
record CacheDirectory(Path path, Opener opener) {

  /** Opens files; a test puts a failing disk here. */
  @FunctionalInterface
  interface Opener {
    FileChannel open(Path file, OpenOption... options) throws IOException;

    /** Gives a range of a file back to the disk. */
    default void punch(Path file, long offset, long length) throws IOException {
      try (SparseFile sparse = SparseFile.open(file)) {
        sparse.punch(offset, length);
      }
    }
  }

  private static final String DATA = ".data";
  private static final String PRESENCE = ".presence";

  Path lock() {
    return path.resolve("lock");
  }

  Path owner() {
    return path.resolve("owner");
  }

  private Path blobs() {
    return path.resolve("blobs");
  }

  private Path data(String name) {
    return blobs().resolve(name + DATA);
  }

  private Path presence(String name) {
    return blobs().resolve(name + PRESENCE);
  }

  /**
   * Refuses a directory that would lie on a mount of lazerofs.
   *
   * @throws IOException when it would
   */
  void requireNotServed() throws IOException {
    FileSystemType.requireNotServed(path);
  }

  /** Makes the directory and what belongs in it, where missing. */
  void create() throws IOException {
    Files.createDirectories(blobs());
  }

  /** Returns the data file of a blob, not opened yet. */
  DataFile data(BlobKey key) {
    return new DataFile(data(key.fileName()), opener);
  }

  /** Returns the presence file of a blob; it is opened, and made empty when missing, by its use. */
  PositionalFile presence(BlobKey key) {
    return new PositionalFile(presence(key.fileName()), opener);
  }

  /** Returns the presence file of a blob as one that is only read, and never made. */
  PositionalFile presenceToRead(BlobKey key) {
    return new PositionalFile(
        presence(key.fileName()), (file, options) -> opener.open(file, StandardOpenOption.READ));
  }

  /** Returns the length of the data file of a blob. */
  long dataBytes(BlobKey key) throws IOException {
    return Files.size(data(key.fileName()));
  }

  /** Records that a blob is in use now. */
  void touch(BlobKey key, Instant now) throws IOException {
    Files.setLastModifiedTime(presence(key.fileName()), FileTime.from(now));
  }

  /** Returns the blobs that have files here, whoever made them. */
  List<StoredBlob> stored() throws IOException {
    Map<String, StoredBlob> stored = new HashMap<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(blobs())) {
      for (Path file : files) {
        String name = String.valueOf(file.getFileName());
        String blob = name.replaceFirst("\\.(data|presence)$", "");
        if (blob.length() < name.length()) {
          addTo(stored, blob, file, name.endsWith(PRESENCE));
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return List.copyOf(stored.values());
  }

  private static void addTo(
      Map<String, StoredBlob> stored, String name, Path file, boolean isPresence)
      throws IOException {
    FileStatus status;
    try {
      status = FileStatus.of(file);
    } catch (NoSuchFileException e) {
      return;
    }
    Instant modified = Instant.ofEpochSecond(status.seconds(), status.nanoseconds());
    StoredBlob other = stored.get(name);
    stored.put(
        name,
        new StoredBlob(
            name,
            status.allocatedBytes() + (other == null ? 0 : other.allocatedBytes()),
            isPresence || other == null ? modified : other.lastUse()));
  }

  /**
   * Removes the files of a blob that is not open, first what says that bytes are present; a crash
   * in between leaves a blob that starts empty, and so does one that loses the order.
   */
  void delete(String name, CrashPoint.Hook crash) throws IOException {
    crash.reached(CrashPoint.DELETE_BEGUN);
    Files.deleteIfExists(presence(name));
    crash.reached(CrashPoint.DELETE_PRESENCE_GONE);
    Files.deleteIfExists(data(name));
    crash.reached(CrashPoint.DELETE_DATA_GONE);
  }

  /** Returns how many bytes the file system has left for this process. */
  long usableBytes() throws IOException {
    return fileStore().getUsableSpace();
  }

  /** Tells whether the file system takes no writes at all. */
  boolean isReadOnly() throws IOException {
    return fileStore().isReadOnly();
  }

  private FileStore fileStore() throws IOException {
    Path existing = path.toAbsolutePath();
    while (!Files.exists(existing) && existing.getParent() != null) {
      existing = existing.getParent();
    }
    return Files.getFileStore(existing);
  }

  /** Makes the names of the blobs' files durable. */
  void force() throws IOException {
    try (FileChannel channel = FileChannel.open(blobs(), StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
