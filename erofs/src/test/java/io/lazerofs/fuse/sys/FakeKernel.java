package io.lazerofs.fuse.sys;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;

/** A test in the kernel's place: hands out requests, and keeps all replies. */
public final class FakeKernel implements Transport {
  private static final int ENODEV = 19;
  private static final byte[] END = {};

  private final BlockingQueue<byte[]> requests = new LinkedBlockingQueue<>();
  private final List<Answer> replies = new CopyOnWriteArrayList<>();
  private volatile boolean closed;

  /**
   * A reply.
   *
   * @param error 0 or {@code -errno}
   * @param length of its data
   */
  public record Answer(long unique, int error, int length) {}

  /** Sends a request. */
  public void send(byte[] message) {
    requests.add(message);
  }

  /** Ends the session: all reads fail from here on. */
  public void end() {
    requests.add(END);
  }

  public List<Answer> replies() {
    return replies;
  }

  public boolean isClosed() {
    return closed;
  }

  @Override
  @SuppressWarnings("ReferenceEquality") // the mark is an object, not a value
  public int read(IoVector vector) {
    try {
      byte[] message = requests.take();
      if (message == END) {
        requests.add(END);
        return -ENODEV;
      }
      MemorySegment.copy(message, 0, part(vector, 0), JAVA_BYTE, 0, message.length);
      return message.length;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public int write(IoVector vector, int parts) {
    if (closed) {
      throw new IllegalStateException("written after it was closed");
    }
    MemorySegment header = part(vector, 0);
    int length = header.get(JAVA_INT_UNALIGNED, 0);
    int data = parts == 1 ? 0 : (int) part(vector, 1).byteSize();
    if (length != header.byteSize() + data) {
      throw new IllegalStateException("a reply of another length than its header says");
    }
    replies.add(
        new Answer(header.get(JAVA_LONG_UNALIGNED, 8), header.get(JAVA_INT_UNALIGNED, 4), data));
    return length;
  }

  private static MemorySegment part(IoVector vector, int index) {
    long address = vector.parts.getAtIndex(JAVA_LONG, 2L * index);
    return MemorySegment.ofAddress(address)
        .reinterpret(vector.parts.getAtIndex(JAVA_LONG, 2L * index + 1));
  }

  @Override
  public void close() {
    closed = true;
  }
}
