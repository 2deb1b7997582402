package io.lazerofs.source;

import io.lazerofs.files.DeviceFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;

/**
 * A local file as a source, mapped into memory: all of it is present, and reads copy nothing where
 * {@link #memory} is used.
 *
 * <p>The file must not shrink while the source is open.
 */
public final class MappedSource implements ByteSource {
  private final Arena arena;
  private final MemorySegment memory;
  private final DeviceFile device;

  private MappedSource(Arena arena, MemorySegment memory, DeviceFile device) {
    this.arena = arena;
    this.memory = memory;
    this.device = device;
  }

  /**
   * Maps a whole file.
   *
   * @throws IOException when it does not exist or cannot be read
   */
  public static MappedSource open(Path file) throws IOException {
    Arena arena = Arena.ofShared();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      MemorySegment memory = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
      return new MappedSource(arena, memory, DeviceFile.of(file));
    } catch (IOException | RuntimeException e) {
      arena.close();
      throw e;
    }
  }

  @Override
  public long size() {
    return memory.byteSize();
  }

  @Override
  public void read(long offset, MemorySegment destination) {
    read(offset, destination, 0, destination.byteSize());
  }

  @Override
  public void read(long offset, MemorySegment destination, long at, long length) {
    MemorySegment.copy(memory, offset, destination, at, length);
  }

  @Override
  public void readFromDevice(long offset, MemorySegment destination, long at, long length)
      throws IOException {
    Objects.checkFromIndexSize(offset, length, size());
    if (!device.read(offset, destination, at, length)) {
      read(offset, destination, at, length);
    }
  }

  @Override
  public void fill(long offset, long length) {
    // All of a local file is present.
  }

  @Override
  public MemorySegment memory() {
    return memory;
  }

  @Override
  public void close() {
    device.close();
    arena.close();
  }
}
