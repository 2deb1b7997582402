package io.lazerofs.fetcher.cache;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;

/** A disk that fails in the way that a test chooses. */
public final class FailingDisk implements CacheDirectory.Opener {
  private final AtomicLong failures = new AtomicLong();
  private volatile Fault fault = Fault.NONE;

  /** What fails, and what the C library says then. */
  public enum Fault {
    NONE(""),
    FULL("No space left on device"),
    READ_ONLY("Read-only file system"),
    WRITE_ERROR("Input/output error"),
    READ_ERROR("Input/output error"),
    OPEN_ERROR("Input/output error");

    private final String message;

    Fault(String message) {
      this.message = message;
    }
  }

  public void set(Fault fault) {
    this.fault = fault;
  }

  /** Returns how many operations failed. */
  public long failures() {
    return failures.get();
  }

  private void failIf(boolean fails) throws IOException {
    if (fails) {
      failures.incrementAndGet();
      throw new IOException(fault.message);
    }
  }

  @Override
  public FileChannel open(Path file, OpenOption... options) throws IOException {
    failIf(fault == Fault.OPEN_ERROR);
    return new Channel(FileChannel.open(file, options));
  }

  private final class Channel extends ForwardingFileChannel {
    Channel(FileChannel delegate) {
      super(delegate);
    }

    @Override
    public int read(ByteBuffer destination, long position) throws IOException {
      failIf(fault == Fault.READ_ERROR);
      return super.read(destination, position);
    }

    @Override
    public int write(ByteBuffer source, long position) throws IOException {
      failIf(fault == Fault.FULL || fault == Fault.READ_ONLY || fault == Fault.WRITE_ERROR);
      return super.write(source, position);
    }
  }
}
