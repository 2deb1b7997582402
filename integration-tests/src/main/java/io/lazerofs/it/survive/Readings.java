package io.lazerofs.it.survive;

import io.lazerofs.it.tree.VectorFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.Deque;
import java.util.Random;
import java.util.stream.Stream;

/**
 * What the readers do in a tree: each returns a reading of its own, which is for one thread.
 *
 * @param tree where the image is seen; it has the file {@code data} and {@code bin/busybox}
 * @param data what the file contains; its first quarter has been read before
 * @param open the files of all readings
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
record Readings(Path tree, byte[] data, Deque<AutoCloseable> open) implements AutoCloseable {
  private static final int PIECE = 64 << 10;

  /** How often a file's pages are dropped, so that the kernel has to ask again. */
  private static final int DROP_EACH = 4;

  /** Reads past the page cache, of the first quarter. */
  SteadyReader.Reading directPresent(long seed) throws IOException {
    return pieces(seed, true, 0, data.length / 4);
  }

  /** Reads past the page cache, of the rest, which comes from the registry bit by bit. */
  SteadyReader.Reading directAbsent(long seed) throws IOException {
    return pieces(seed, true, data.length / 4, data.length);
  }

  /** Reads through the page cache, of the first quarter. */
  SteadyReader.Reading buffered(long seed) throws IOException {
    return pieces(seed, false, 0, data.length / 4);
  }

  private SteadyReader.Reading pieces(long seed, boolean direct, int from, int to)
      throws IOException {
    Random random = new Random(seed);
    VectorFile file = file(direct);
    MemorySegment memory = Arena.ofAuto().allocate(PIECE, 4096);
    return () -> {
      if (!direct && random.nextInt(DROP_EACH) == 0) {
        file.dropCache();
      }
      int offset = from + random.nextInt((to - from) / PIECE) * PIECE;
      long count = file.read(memory, offset);
      if (count != PIECE) {
        throw new IOException("read %d of %d bytes at %d".formatted(count, PIECE, offset));
      }
      compare(memory, offset);
    };
  }

  /** Reads memory that the file is mapped into. */
  SteadyReader.Reading mapped(long seed) throws IOException {
    Random random = new Random(seed);
    VectorFile file = file(false);
    FileChannel channel = FileChannel.open(tree.resolve("data"));
    open.push(channel);
    return () -> {
      int offset = random.nextInt(data.length / 4 / PIECE) * PIECE;
      try (Arena arena = Arena.ofConfined()) {
        compare(channel.map(MapMode.READ_ONLY, offset, PIECE, arena), offset);
      }
      if (random.nextInt(DROP_EACH) == 0) {
        file.dropCache();
      }
    };
  }

  /** Lists the tree, and asks for what the kernel does not keep. */
  SteadyReader.Reading names() {
    Path file = tree.resolve("data");
    return () -> {
      try (Stream<Path> all = Files.walk(tree)) {
        if (all.noneMatch(path -> path.endsWith("busybox"))) {
          throw new IOException("busybox is not listed");
        }
      }
      if (Files.size(file) != data.length) {
        throw new IOException("another size");
      }
      var view = Files.getFileAttributeView(file, UserDefinedFileAttributeView.class);
      if (!view.list().isEmpty()) {
        throw new IOException("an attribute that was not there");
      }
    };
  }

  /** Runs a program of the image. */
  SteadyReader.Reading programs() {
    return () -> {
      Process process =
          new ProcessBuilder("chroot", tree.toString(), "/bin/busybox", "echo", "here")
              .redirectErrorStream(true)
              .start();
      String output =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      if (process.waitFor() != 0 || !output.equals("here\n")) {
        throw new IOException("a program of the image failed: " + output);
      }
    };
  }

  private VectorFile file(boolean direct) throws IOException {
    VectorFile file = VectorFile.open(tree.resolve("data").toString(), direct);
    open.push(file);
    return file;
  }

  /** Closes the files; no reading may be under way. */
  @Override
  public void close() throws Exception {
    while (!open.isEmpty()) {
      open.pop().close();
    }
  }

  private void compare(MemorySegment read, int offset) throws IOException {
    MemorySegment expected = MemorySegment.ofArray(data).asSlice(offset, read.byteSize());
    long wrong = read.mismatch(expected);
    if (wrong >= 0) {
      throw new IOException("a wrong byte at " + (offset + wrong));
    }
  }
}
