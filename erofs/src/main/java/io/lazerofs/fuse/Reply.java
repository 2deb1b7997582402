package io.lazerofs.fuse;

import static io.lazerofs.fuse.Structs.U32;
import static io.lazerofs.fuse.Structs.U64;

import io.lazerofs.dio.ReadBuffer;
import io.lazerofs.fuse.sys.IoVector;
import io.lazerofs.fuse.sys.Transport;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A reply in the making, with the memory for the largest one: a header, and data that sits in the
 * reply's own buffer or in the file system's memory.
 *
 * <p>For one thread at a time, and used again for reply after reply. What was put last is what
 * {@link #send} sends.
 */
final class Reply {
  private final MemorySegment header;
  private final MemorySegment buffer;
  private final IoVector vector;
  private final ReadBuffer readBuffer;
  private final Section section = new Section();
  private MemorySegment data = MemorySegment.NULL;
  private long start;
  private int length;
  private @Nullable Errno error;

  /**
   * @param dataBytes the most data that it carries
   */
  Reply(int dataBytes) {
    Arena arena = Arena.ofAuto();
    header = arena.allocate(Structs.OUT_HEADER, Long.BYTES);
    // The kernel copies page by page: data that starts a page is copied in whole pages.
    buffer = arena.allocate(dataBytes, Protocol.PAGE_BYTES);
    vector = new IoVector(arena, 2);
    vector.set(0, header);
    readBuffer = new ReadBuffer(buffer);
  }

  /** Returns the memory that data may be put into before {@link #data} names it. */
  MemorySegment buffer() {
    return buffer;
  }

  /** Returns the same memory as what a file system reads into. */
  ReadBuffer readBuffer() {
    return readBuffer;
  }

  /** Returns the section that is entered while a reply is being made and sent with this. */
  Section section() {
    return section;
  }

  /** Replies with an error. */
  void fail(Errno errno) {
    nothing();
    error = errno;
  }

  /** Whether what is to be sent is an error. */
  boolean isError() {
    return error != null;
  }

  /** Returns the error that is to be sent. */
  Errno error() {
    return Objects.requireNonNull(error);
  }

  /** Returns how many bytes of data are to be sent. */
  int length() {
    return length;
  }

  /** Replies with success and no data. */
  void nothing() {
    error = null;
    data = MemorySegment.NULL;
    length = 0;
  }

  /** Replies with the first {@code count} bytes of what was read into {@link #readBuffer}. */
  void read(int count) {
    data(readBuffer.data(), readBuffer.start(), count);
  }

  /** Replies with memory as it is, which stays valid until the reply was sent. */
  private void data(MemorySegment memory, long from, int count) {
    Objects.checkFromIndexSize(from, count, memory.byteSize());
    error = null;
    data = memory;
    start = from;
    length = count;
  }

  /** Replies with a copy of {@code bytes}, or with {@code ERANGE} when there are too many. */
  void bytes(byte[] bytes, int most) {
    if (bytes.length > Math.min(most, buffer.byteSize())) {
      fail(Errno.ERANGE);
      return;
    }
    MemorySegment.copy(MemorySegment.ofArray(bytes), 0, buffer, 0, bytes.length);
    written(bytes.length);
  }

  /** Replies with names, each followed by a zero byte. */
  void names(List<byte[]> names, int most) {
    int total = namesLength(names);
    if (total > Math.min(most, buffer.byteSize())) {
      fail(Errno.ERANGE);
      return;
    }
    long at = 0;
    for (byte[] name : names) {
      MemorySegment.copy(MemorySegment.ofArray(name), 0, buffer, at, name.length);
      buffer.set(ValueLayout.JAVA_BYTE, at + name.length, (byte) 0);
      at += name.length + 1;
    }
    written(at);
  }

  /** Returns the length of what {@link #names} would reply. */
  static int namesLength(List<byte[]> names) {
    int total = 0;
    for (byte[] name : names) {
      total = Math.addExact(total, name.length + 1);
    }
    return total;
  }

  /** Replies with a size alone (struct fuse_getxattr_out). */
  void size(int size) {
    buffer.set(U32, 0, size);
    buffer.set(U32, 4, 0);
    written(8);
  }

  /** Replies with an offset (struct fuse_lseek_out). */
  void offset(long offset) {
    buffer.set(U64, 0, offset);
    written(8);
  }

  /** Replies with the first {@code count} bytes of {@link #buffer}. */
  void written(long count) {
    data(buffer, 0, (int) count);
  }

  /**
   * Sends a notice that carries no data, instead of a reply.
   *
   * @param code a number of enum fuse_notify_code
   * @return what {@link Transport#write} returns
   */
  int sendNotice(Transport device, int code) {
    nothing();
    // Where a reply has a negative errno, a notice has its code; it answers no request.
    return send(device, 0, code);
  }

  /**
   * Sends the reply to the request {@code unique}.
   *
   * @return what {@link Transport#write} returns
   */
  int send(Transport device, long unique) {
    return send(device, unique, error == null ? 0 : -error.number());
  }

  private int send(Transport device, long unique, int code) {
    header.set(U32, 0, Structs.OUT_HEADER + length);
    header.set(U32, 4, code);
    header.set(U64, 8, unique);
    int parts = 1;
    if (length != 0) {
      vector.set(1, data.address() + start, length);
      parts = 2;
    }
    int result = device.write(vector, parts);
    // Memory of the file system's own is not to be kept alive by an idle reply.
    nothing();
    readBuffer.clear();
    return result;
  }
}
