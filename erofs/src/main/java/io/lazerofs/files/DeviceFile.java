package io.lazerofs.files;

import io.lazerofs.sys.OpenFlag;
import io.lazerofs.sys.SystemCallException;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file that is read past its page cache (O_DIRECT), at any position, where its file system can do
 * that. It is opened when it is first read. Safe for use by many threads at once.
 *
 * <p>What fits the device goes straight into the reader's memory; the rest goes through a buffer of
 * this file's, widened to whole blocks.
 */
public final class DeviceFile implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(DeviceFile.class);
  private static final int INVALID = 22; // EINVAL

  /** A page: reads that are widened to it fit where the kernel says less than the device wants. */
  private static final long BLOCK_BYTES = 4096;

  private static final int BUFFER_BYTES = 64 << 10;

  /** As many as are kept; more readers than that at once make buffers that are dropped again. */
  private static final int BUFFERS = 8;

  private final Path path;
  private final FileStatus expected;
  private final ArrayBlockingQueue<MemorySegment> buffers = new ArrayBlockingQueue<>(BUFFERS);
  private final LongAdder fallbacks = new LongAdder();
  private volatile Way way = new Unopened();

  /** Stays open when the file system refuses a read: others may be under way. */
  private @Nullable SharedFile opened;

  /** How the file is read. */
  private sealed interface Way {}

  private record Unopened() implements Way {}

  private record Open(SharedFile file, DirectAlignment alignment) implements Way {}

  private record Refused() implements Way {}

  private record Closed() implements Way {}

  private DeviceFile(Path path, FileStatus expected) {
    this.path = path;
    this.expected = expected;
  }

  /**
   * Returns the file at a path, not opened yet; the caller closes it. Another file that takes its
   * place is not read.
   *
   * @throws IOException when there is none
   */
  public static DeviceFile of(Path path) throws IOException {
    Path real = path.toRealPath();
    return new DeviceFile(real, FileStatus.of(real));
  }

  /**
   * Fills the {@code length} bytes of {@code to} from {@code at} on, unless the file system refuses
   * to; which of the two is the same for every later read, but for the first refusal.
   *
   * @param position where in the file, bytes from its start
   * @param to memory that the caller keeps alive
   * @return false when nothing was read, and the page cache is the way; it is counted then, and
   *     logged the first time
   * @throws EOFException when the file ends before
   * @throws IOException when the device fails, or this is closed
   */
  public boolean read(long position, MemorySegment to, long at, long length) throws IOException {
    if (way instanceof Unopened) {
      open();
    }
    if (way instanceof Closed) {
      throw new IOException(path + " is closed");
    }
    if (way instanceof Open open) {
      try {
        long done = straight(open, position, to, at, length);
        bounced(open, position + done, to, at + done, length - done);
        return true;
      } catch (SystemCallException e) {
        if (e.errno() != INVALID) {
          throw e;
        }
        refuse(e.getMessage());
      }
    }
    fallbacks.increment();
    return false;
  }

  /** Returns how many reads were left to the page cache. */
  public long fallbacks() {
    return fallbacks.sum();
  }

  private synchronized void open() {
    if (way instanceof Unopened) {
      try {
        way = opened();
      } catch (IOException e) {
        refuse(e.getMessage());
      }
    }
  }

  private synchronized Way opened() throws IOException {
    FileSystemType type = FileSystemType.of(path);
    if (type.isMemory()) {
      // Linux 6.6 and later take the flag there and read from the page cache all the same.
      throw new IOException(type.name() + " has no device below it");
    }
    SharedFile file = SharedFile.open(path, OpenFlag.DIRECT);
    opened = file;
    if (!FileStatus.of(file.descriptor(), file::path).isSameFile(expected)) {
      throw new IOException("another file took its place");
    }
    DirectAlignment alignment = DirectAlignment.of(file.descriptor(), file::path);
    if (!alignment.isPossible()) {
      throw new IOException("its file system has no direct I/O that can be used: " + alignment);
    }
    return new Open(file, alignment);
  }

  private synchronized void refuse(@Nullable String reason) {
    if (!(way instanceof Refused || way instanceof Closed)) {
      way = new Refused();
      log.warn("{} is read through the page cache, not past it: {}", path, reason);
    }
  }

  /**
   * Reads what fits in one call; returns how many bytes came, 0 when the rest has to be widened.
   */
  private static long straight(Open open, long position, MemorySegment to, long at, long length)
      throws IOException {
    if (!to.isNative() || !open.alignment.fits(to.address() + at, position, length)) {
      return 0;
    }
    try {
      return open.file.readSome(position, to, at, length);
    } catch (SystemCallException e) {
      if (e.errno() == INVALID) {
        // The device wants more than the kernel says; whole pages are the most that it can want.
        return 0;
      }
      throw e;
    }
  }

  private void bounced(Open open, long position, MemorySegment to, long at, long length)
      throws IOException {
    if (length == 0) {
      return;
    }
    MemorySegment buffer = buffers.poll();
    if (buffer == null) {
      buffer = Arena.ofAuto().allocate(BUFFER_BYTES, BLOCK_BYTES);
    }
    try {
      for (long done = 0; done < length; ) {
        done += piece(open, buffer, position + done, to, at + done, length - done);
      }
    } finally {
      boolean kept = buffers.offer(buffer);
      assert kept || buffers.remainingCapacity() == 0;
    }
  }

  /** Reads whole blocks once, and copies what is wanted of them; returns how many bytes. */
  private static long piece(
      Open open, MemorySegment buffer, long position, MemorySegment to, long at, long length)
      throws IOException {
    long block = Math.max(BLOCK_BYTES, open.alignment.offset());
    long before = position & block - 1;
    long widened = before + length + block - 1 & -block;
    long count = open.file.readSome(position - before, buffer, 0, Math.min(widened, BUFFER_BYTES));
    long useful = Math.min(count - before, length);
    if (useful <= 0) {
      // Only the end of a file, or a disk that stops within a block, gives nothing of use.
      throw new EOFException(
          "%s ends before %d, at %d".formatted(open.file.path(), position + length, position));
    }
    MemorySegment.copy(buffer, before, to, at, useful);
    return useful;
  }

  @Override
  public synchronized void close() {
    way = new Closed();
    if (opened != null) {
      opened.close();
    }
    if (fallbacks() > 0) {
      log.info("{}: {} direct reads went through the page cache", path, fallbacks());
    }
  }
}
