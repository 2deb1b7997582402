package io.lazerofs.source;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A local file as a source, mapped into memory: all of it is present, and reads copy nothing where
 * {@link #memory} is used.
 *
 * <p>The file must not shrink while the source is open.
 */
public final class MappedSource implements ByteSource {
  private final Arena arena;
  private final MemorySegment memory;

  private MappedSource(Arena arena, MemorySegment memory) {
    this.arena = arena;
    this.memory = memory;
  }

  /**
   * Maps a whole file.
   *
   * @throws IOException when it does not exist or cannot be read
   */
  public static MappedSource open(Path file) throws IOException {
    Arena arena = Arena.ofShared();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return new MappedSource(
          arena, channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena));
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
  public void fill(long offset, long length) {
    // All of a local file is present.
  }

  @Override
  public MemorySegment memory() {
    return memory;
  }

  @Override
  public void close() {
    arena.close();
  }
}
