package io.lazerofs.fuse.jnr;

import io.lazerofs.fuse.FileSystem;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import jnr.ffi.provider.jffi.ClosureHelper;
import ru.serce.jnrfuse.FuseFillDir;
import ru.serce.jnrfuse.struct.FileStat;

/** Hands the entries of a directory to libfuse, until its buffer is full. For one thread. */
final class DirectoryFiller implements FileSystem.DirectorySink, AutoCloseable {
  private static final int NAME_BYTES = 256;

  /** More than a {@code struct stat} has on any architecture. */
  private static final int STAT_BYTES = 256;

  private static final int TYPE_SHIFT = 12;

  private final Arena arena = Arena.ofConfined();
  private final MemorySegment name = arena.allocate(NAME_BYTES);
  private final ByteBuffer nameBuffer = name.asByteBuffer();
  private final Pointer statPointer;
  private final FileStat stat;
  private final Pointer listing;
  private final FuseFillDir filler;
  private long position;

  /**
   * @param listing what libfuse wants to get back with each entry
   * @param filler the address of its function {@code fuse_fill_dir_t}
   */
  DirectoryFiller(long listing, long filler, long position) {
    this.position = position;
    this.listing = pointer(listing);
    statPointer = pointer(arena.allocate(STAT_BYTES, Long.BYTES).address());
    stat = FileStat.of(statPointer);
    ClosureHelper helper = ClosureHelper.getInstance();
    this.filler =
        helper
            .getNativeConveter(FuseFillDir.class)
            .fromNative(pointer(filler), helper.getFromNativeContext());
  }

  /** Returns the position behind the last entry that was taken. */
  long position() {
    return position;
  }

  @Override
  public boolean offer(MemorySegment entry, long node, int type, long next) {
    MemorySegment.copy(entry, 0, name, 0, entry.byteSize());
    name.set(ValueLayout.JAVA_BYTE, entry.byteSize(), (byte) 0);
    stat.st_ino.set(node);
    stat.st_mode.set(type << TYPE_SHIFT);
    if (filler.apply(listing, nameBuffer, statPointer, next) != 0) {
      return false;
    }
    position = next;
    return true;
  }

  private static Pointer pointer(long address) {
    return Pointer.wrap(Runtime.getSystemRuntime(), address);
  }

  @Override
  public void close() {
    arena.close();
  }
}
