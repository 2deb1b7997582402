package io.lazerofs.it.tree;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.MessageDigest;

/** A regular file that is open. Not safe for use by several threads. */
public final class RawFile implements AutoCloseable {
  private static final int O_CLOEXEC = 02000000;
  private static final int O_RDONLY = O_CLOEXEC;
  private static final int O_CREATE_TO_WRITE = O_CLOEXEC | 0102;
  private static final int SEEK_DATA = 3;
  private static final int SEEK_HOLE = 4;
  private static final int ENXIO = 6;
  private static final int PIECE = 1 << 18;

  private static final LibC OPEN =
      LibC.variadic("open", 2, FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT));
  private static final LibC CLOSE =
      LibC.function("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final LibC PREAD =
      LibC.function(
          "pread64", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG));
  private static final LibC PWRITE =
      LibC.function(
          "pwrite64", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG));
  private static final LibC FTRUNCATE =
      LibC.function("ftruncate64", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG));
  private static final LibC LSEEK =
      LibC.function("lseek64", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT));

  private final Arena arena = Arena.ofConfined();
  private final int descriptor;

  private RawFile(String path, int flags) throws IOException {
    try {
      descriptor = (int) OPEN.call(LibC.string(arena, path), flags, 0600);
    } catch (IOException e) {
      arena.close();
      throw e;
    }
  }

  /** Makes a file, to be written. */
  public static RawFile create(String path) throws IOException {
    return new RawFile(path, O_CREATE_TO_WRITE);
  }

  /** Opens a file to be read. */
  public static RawFile open(String path) throws IOException {
    return new RawFile(path, O_RDONLY);
  }

  /** Writes all of {@code bytes} at an offset. */
  public void write(long offset, byte[] bytes) throws IOException {
    try (Arena own = Arena.ofConfined()) {
      MemorySegment memory = LibC.bytes(own, bytes);
      long done = 0;
      while (done < bytes.length) {
        done += PWRITE.call(descriptor, memory.asSlice(done), bytes.length - done, offset + done);
      }
    }
  }

  /** Cuts or extends the file; what is added is a hole. */
  public void setSize(long size) throws IOException {
    FTRUNCATE.call(descriptor, size);
  }

  /** Returns the SHA-256 of the whole content, read piece by piece to its end. */
  String sha256() throws IOException {
    MessageDigest digest = FileFacts.digest();
    MemorySegment piece = arena.allocate(PIECE);
    long at = 0;
    while (true) {
      long read = PREAD.call(descriptor, piece, (long) PIECE, at);
      if (read == 0) {
        return FileFacts.text(digest);
      }
      digest.update(piece.asSlice(0, read).toArray(ValueLayout.JAVA_BYTE));
      at += read;
    }
  }

  /** Returns where the file has data, as {@link FileFacts#data} says it. */
  String data() throws IOException {
    StringBuilder text = new StringBuilder();
    long at = 0;
    while (true) {
      try {
        long start = LSEEK.call(descriptor, at, SEEK_DATA);
        at = LSEEK.call(descriptor, start, SEEK_HOLE);
        text.append(start).append('-').append(at).append(' ');
      } catch (SystemCallFailure e) {
        if (e.errno() == ENXIO) {
          return text.toString();
        }
        throw e;
      }
    }
  }

  @Override
  public void close() throws IOException {
    CLOSE.call(descriptor);
    arena.close();
  }
}
