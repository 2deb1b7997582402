package io.lazerofs.fuse;

import static io.lazerofs.fuse.Structs.IN_HEADER;
import static io.lazerofs.fuse.Structs.U32;
import static io.lazerofs.fuse.Structs.U64;

import io.lazerofs.fuse.Protocol.Operation;
import io.lazerofs.sys.OpenFlag;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.ProtocolException;

/**
 * A message of the kernel as it lies in memory: struct fuse_in_header, and the argument that
 * follows it. One object takes message after message, and what it tells is of the last.
 *
 * <p>The fields of a READ have accessors of their own, so that it can be answered without a {@link
 * Request}.
 */
final class Message {
  /** struct fuse_read_in. */
  static final int READ_IN = 40;

  private final MemorySegment memory;
  private int length;

  /**
   * @param memory where messages begin
   */
  Message(MemorySegment memory) {
    this.memory = memory;
  }

  /**
   * Takes the message that the memory begins with.
   *
   * @param bytes its length
   * @throws ProtocolException when it is too short for its header, or its header disagrees
   */
  void take(int bytes) throws ProtocolException {
    if (bytes < IN_HEADER || memory.get(U32, 0) != bytes) {
      throw new ProtocolException("a FUSE message of " + bytes + " bytes with a wrong header");
    }
    length = bytes;
  }

  int operation() {
    return memory.get(U32, 4);
  }

  /** Returns the number that the reply repeats. */
  long unique() {
    return memory.get(U64, 8);
  }

  long node() {
    return memory.get(U64, 16);
  }

  /** Whether an argument of at least {@code bytes} follows the header. */
  boolean hasArgument(int bytes) {
    return length >= IN_HEADER + bytes;
  }

  /** Whether it is a READ with all of its argument. */
  boolean isRead() {
    return operation() == Operation.READ && hasArgument(READ_IN);
  }

  long readOffset() {
    return argument64(8);
  }

  int readLength() {
    return argument32(16);
  }

  /** Whether a READ comes through a file that has O_DIRECT among its flags. */
  boolean isDirectRead() {
    return (argument32(32) & OpenFlag.DIRECT) != 0;
  }

  /** Returns 32 bits of the argument. */
  int argument32(int at) {
    return memory.get(U32, IN_HEADER + at);
  }

  /** Returns 64 bits of the argument. */
  long argument64(int at) {
    return memory.get(U64, IN_HEADER + at);
  }

  /** Copies the name in the argument, up to its terminator or the message's end. */
  byte[] name(int at) {
    long from = IN_HEADER + at;
    long end = from;
    while (end < length && memory.get(ValueLayout.JAVA_BYTE, end) != 0) {
      end++;
    }
    return memory.asSlice(from, end - from).toArray(ValueLayout.JAVA_BYTE);
  }
}
