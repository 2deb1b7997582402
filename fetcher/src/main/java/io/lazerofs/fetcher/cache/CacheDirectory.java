package io.lazerofs.fetcher.cache;

import io.lazerofs.files.FileSystemType;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The layout of a cache directory; it alone knows the paths.
 *
 * <pre>{@code
 * DIRECTORY/
 *   lock                      locked while a cache has the directory
 *   owner                     the process that holds the lock
 *   blobs/HEX.SIZE.data       a blob's bytes, sparse, SIZE long
 *   blobs/HEX.SIZE.presence   which of them are present: PresenceFile
 * }</pre>
 */
record CacheDirectory(Path path, Opener opener) {

  /** Opens files; a test puts a failing disk here. */
  @FunctionalInterface
  interface Opener {
    FileChannel open(Path file, OpenOption... options) throws IOException;
  }

  Path lock() {
    return path.resolve("lock");
  }

  Path owner() {
    return path.resolve("owner");
  }

  private Path blobs() {
    return path.resolve("blobs");
  }

  private Path data(BlobKey key) {
    return blobs().resolve(key.fileName() + ".data");
  }

  private Path presence(BlobKey key) {
    return blobs().resolve(key.fileName() + ".presence");
  }

  /**
   * Makes the directory and what belongs in it, where missing.
   *
   * @throws IOException also when it would lie on a mount of lazerofs
   */
  void create() throws IOException {
    FileSystemType.requireNotServed(path);
    Files.createDirectories(blobs());
  }

  /** Opens the data file of a blob, which is made empty when missing. */
  DataFile openData(BlobKey key) throws IOException {
    return DataFile.open(data(key), opener);
  }

  /** Opens the presence file of a blob, which is made empty when missing. */
  PositionalFile openPresence(BlobKey key) throws IOException {
    return PositionalFile.open(presence(key), opener);
  }

  /** Makes the names of the blobs' files durable. */
  void force() throws IOException {
    try (FileChannel channel = FileChannel.open(blobs(), StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
