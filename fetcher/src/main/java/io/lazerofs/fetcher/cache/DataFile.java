package io.lazerofs.fetcher.cache;

import io.lazerofs.files.DeviceFile;
import io.lazerofs.files.FileStatus;
import io.lazerofs.files.SharedFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

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
  private final Path path;
  private final CacheDirectory.Opener opener;
  private final PositionalFile file;
  private volatile @Nullable Readers readers;

  /** The ways that reading takes beside {@link #file}. */
  private record Readers(SharedFile shared, DeviceFile device) {}

  /** Makes a file that {@link #open} opens. */
  DataFile(Path path, CacheDirectory.Opener opener) {
    this.path = path;
    this.opener = opener;
    this.file = new PositionalFile(path, opener);
  }

  /** Opens the file, and makes it when missing, unless it is open. */
  synchronized void open() throws IOException {
    if (readers == null) {
      file.open();
      DeviceFile device = DeviceFile.of(path);
      readers = new Readers(SharedFile.open(path), device);
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
      readers().shared.read(position, destination, at, length);
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
    return readers().device.read(position, destination, at, length);
  }

  private Readers readers() throws IOException {
    Readers opened = readers;
    if (opened == null) {
      throw new IOException(path + " is not open");
    }
    return opened;
  }

  /**
   * Gives a range back to the disk; it reads as zeros from then on.
   *
   * @throws io.lazerofs.sys.SystemCallException when the file system cannot do that, or fails
   */
  void punch(long position, long length) throws IOException {
    opener.punch(path, position, length);
  }

  /** Returns how many bytes of the disk the file takes. */
  long allocatedBytes() throws IOException {
    return FileStatus.of(path).allocatedBytes();
  }

  /** Waits for reads into native memory and from the device that have begun, and closes. */
  @Override
  public synchronized void close() throws IOException {
    try (file) {
      Readers opened = readers;
      if (opened != null) {
        opened.shared.close();
        opened.device.close();
      }
    }
  }
}
