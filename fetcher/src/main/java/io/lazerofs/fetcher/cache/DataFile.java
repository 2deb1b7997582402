package io.lazerofs.fetcher.cache;

import io.lazerofs.files.DeviceFile;
import io.lazerofs.files.SharedFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * The bytes of a blob in a file: written in one way and read in three. Safe for use by many threads
 * at once.
 *
 * <pre>{@code
 * write, force, map, reads into the heap ──▶ PositionalFile ─╮
 * reads into native memory ────────────────▶ SharedFile ─────┼──▶ page cache ──╮
 * reads past the page cache ───────────────▶ DeviceFile ─────│─────────────────┴──▶ device
 * }</pre>
 */
final class DataFile implements AutoCloseable {
  private final PositionalFile file;
  private final SharedFile readers;
  private final DeviceFile device;

  private DataFile(PositionalFile file, SharedFile readers, DeviceFile device) {
    this.file = file;
    this.readers = readers;
    this.device = device;
  }

  /** Opens a file, and makes it when missing. */
  static DataFile open(Path path, CacheDirectory.Opener opener) throws IOException {
    PositionalFile file = PositionalFile.open(path, opener);
    try {
      DeviceFile device = DeviceFile.of(path);
      return new DataFile(file, SharedFile.open(path), device);
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  long size() throws IOException {
    return file.size();
  }

  /** Sets the length of the file; what is new is a hole. */
  void resize(long size) throws IOException {
    file.resize(size);
  }

  /** Writes the rest of {@code source} at {@code position}. */
  void write(ByteBuffer source, long position) throws IOException {
    file.write(source, position);
  }

  /** Returns when everything written before is durable. */
  void force() throws IOException {
    file.force();
  }

  /** Maps the whole file, read-only, for as long as {@code arena} lives. */
  MemorySegment map(Arena arena) throws IOException {
    return file.map(arena);
  }

  /**
   * Fills the rest of {@code destination} from {@code position} on.
   *
   * @throws java.io.EOFException when the file ends before
   */
  void read(ByteBuffer destination, long position) throws IOException {
    file.read(destination, position);
  }

  /**
   * Fills the {@code length} bytes of {@code destination} from {@code at} on; makes no object when
   * that is native memory.
   *
   * @throws java.io.EOFException when the file ends before
   */
  void read(long position, MemorySegment destination, long at, long length) throws IOException {
    if (destination.isNative()) {
      readers.read(position, destination, at, length);
    } else {
      file.read(destination.asSlice(at, length).asByteBuffer(), position);
    }
  }

  /**
   * Reads past the page cache.
   *
   * @return false when nothing was read, because the file system refuses
   */
  boolean readFromDevice(long position, MemorySegment destination, long at, long length)
      throws IOException {
    return device.read(position, destination, at, length);
  }

  /** Waits for reads into native memory and from the device that have begun, and closes. */
  @Override
  public void close() throws IOException {
    try (file;
        readers;
        device) {
      // Each is closed, whatever becomes of the others.
    }
  }
}
