package io.lazerofs.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lazerofs.dio.DirectIo;
import io.lazerofs.dio.DirectIoSettings;
import io.lazerofs.dio.Mapper.Operation;
import io.lazerofs.dio.Mapping;
import io.lazerofs.dio.ReadBuffer;
import io.lazerofs.erofs.ErofsImage;
import io.lazerofs.erofs.Extent;
import io.lazerofs.erofs.Inode;
import io.lazerofs.erofs.codec.Compression;
import io.lazerofs.erofs.write.WriteOptions;
import io.lazerofs.source.AbsentException;
import io.lazerofs.source.Prefetching;
import io.lazerofs.source.TestSource;
import io.lazerofs.source.TestSource.Range;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is fetched ahead of a reader whose file lies scattered over a blob. */
class FileReadAheadTest {
  private static final int BLOCK = TestImage.BLOCK;
  private static final int BLOCKS = 2048;
  private static final int READ = 32 * BLOCK;
  private static final WriteOptions SCATTERED =
      WriteOptions.defaults().withChunks(BLOCK).withDedupe(true);

  @TempDir Path directory;

  private final byte[] content = TestImage.random(BLOCKS * BLOCK, 1);
  private final DirectIo io = new DirectIo(DirectIoSettings.DEFAULT);
  private final ReadBuffer buffer = new ReadBuffer(MemorySegment.ofArray(new byte[1 << 20]));
  private int pieceBytes = BLOCK;
  private TestSource source = new TestSource(new byte[1]);

  /** Returns a file of which no byte of content is present. */
  private ImageFile absentFile(WriteOptions options) throws IOException {
    TestImage writer = new TestImage(directory);
    if (options.dedupe()) {
      writer.with("a", TestImage.shuffled(content, pieceBytes, 2));
    }
    source = new TestSource(writer.with("file", content).write(options));
    ErofsImage image = TestImage.open(source);
    Inode inode = TestImage.inode(image, "file");
    for (long at = 0; at < inode.size(); ) {
      Extent extent = image.extent(inode, at);
      switch (extent) {
        case Extent.Plain plain -> source.withAbsent(plain.physical(), plain.length());
        case Extent.Compressed packed -> source.withAbsent(packed.physical(), packed.stored());
        default -> {}
      }
      at = extent.offset() + extent.length();
    }
    return new ImageFile(image, inode);
  }

  /** Reads like a FUSE server: a read that meets absent bytes awaits them and is done again. */
  private int read(ImageFile file, long offset, int length) throws IOException {
    for (int waits = 0; ; waits++) {
      try {
        int count = file.read(io, offset, length, false, buffer);
        assertThat(buffer.bytes(count).toArray(ValueLayout.JAVA_BYTE))
            .isEqualTo(Arrays.copyOfRange(content, (int) offset, (int) offset + count));
        return waits;
      } catch (AbsentException absent) {
        absent.await();
        source.land();
      }
    }
  }

  private long askedBytes() {
    return source.prefetches().stream().mapToLong(Range::length).sum();
  }

  @Test
  void scatteredFileReadInOrderWaitsTwice() throws IOException {
    ImageFile file = absentFile(SCATTERED);
    int waits = 0;
    for (long at = 0; at < content.length; at += READ) {
      waits += read(file, at, READ) > 0 ? 1 : 0;
      // As if what was asked for came before the next read.
      source.land();
    }
    assertThat(waits).isEqualTo(2);
    // Each read that waited awaits one chunk; all other chunks are asked for.
    assertThat(askedBytes()).isBetween(content.length - 2L * BLOCK, (long) content.length);
    assertThat(source.prefetches()).doesNotHaveDuplicates();
  }

  @Test
  void windowDoublesUpToItsBoundWhenTheReaderEntersIt() throws IOException {
    pieceBytes = (int) (FileReadAhead.LONGEST_WINDOW / 32);
    ImageFile file = absentFile(SCATTERED);
    read(file, 0, BLOCK);
    read(file, BLOCK, BLOCK);
    assertThat(askedBytes()).isEqualTo(FileReadAhead.FIRST_WINDOW);
    long window = 2 * BLOCK;
    long length = FileReadAhead.FIRST_WINDOW;
    for (int i = 0; i < 3; i++) {
      source.land();
      long before = askedBytes();
      read(file, window, BLOCK);
      read(file, window + BLOCK, BLOCK);
      assertThat(askedBytes() - before).isEqualTo(2 * length);
      window += length;
      length *= 2;
    }
    source.land();
    long before = askedBytes();
    read(file, window, BLOCK);
    assertThat(askedBytes() - before).isEqualTo(FileReadAhead.LONGEST_WINDOW);
  }

  @Test
  void windowOfAVeryScatteredFileIsBoundedByItsPlaces() throws IOException {
    ImageFile file = absentFile(SCATTERED);
    read(file, 0, BLOCK);
    read(file, BLOCK, BLOCK);
    for (long at = 2; at < BLOCKS / 2; at += Prefetching.MOST_PLACES) {
      int before = source.prefetches().size();
      source.land();
      assertThat(read(file, at * BLOCK, BLOCK)).isZero();
      assertThat(source.prefetches().size() - before).isLessThanOrEqualTo(Prefetching.MOST_PLACES);
    }
  }

  @Test
  void scatteredReadsFetchNothingAhead() throws IOException {
    ImageFile file = absentFile(SCATTERED);
    for (int block = BLOCKS - 1; block > 0; block -= 100) {
      read(file, (long) block * BLOCK, BLOCK);
    }
    assertThat(source.prefetches()).isEmpty();
  }

  @Test
  void presentFileAsksForNothing() throws IOException {
    ImageFile file = absentFile(SCATTERED);
    source.fill(0, source.size());
    for (long at = 0; at < content.length; at += READ) {
      assertThat(read(file, at, READ)).isZero();
    }
    assertThat(source.prefetches()).isEmpty();
  }

  @Test
  void windowThatIsPresentIsNotAskedFor() throws IOException {
    ImageFile file = absentFile(SCATTERED);
    assertThatExceptionOfType(AbsentException.class)
        .isThrownBy(() -> file.read(io, 0, BLOCK, false, buffer));
    TestSource before = source;
    before.fill(0, before.size());
    before.withAbsent(absentPlace(file, 1), BLOCK);
    read(file, BLOCK, BLOCK);
    assertThat(source.prefetches()).isEmpty();
  }

  private static long absentPlace(ImageFile file, long block) throws IOException {
    var mapping = (Mapping.Mapped) file.begin(block * BLOCK, BLOCK, Operation.READ);
    return mapping.physical() + block * BLOCK - mapping.offset();
  }

  @Test
  void flatFileIsLeftToTheReadAheadOfItsBlob() throws IOException {
    ImageFile file = absentFile(WriteOptions.defaults());
    read(file, 0, BLOCK);
    read(file, BLOCK, BLOCK);
    read(file, 2 * BLOCK, BLOCK);
    assertThat(source.prefetches()).isEmpty();
  }

  @Test
  void compressedFileReadInOrderIsFetchedAhead() throws IOException {
    for (int at = 0; at < content.length; at += BLOCK) {
      System.arraycopy(content, at, content, at + BLOCK / 2, BLOCK / 2);
    }
    ImageFile file =
        absentFile(WriteOptions.defaults().withCompression(Compression.parse("lz4"), 64 << 10));
    int waits = 0;
    for (long at = 0; at < content.length; at += READ) {
      waits += read(file, at, READ) > 0 ? 1 : 0;
      source.land();
    }
    assertThat(waits).isEqualTo(2);
  }
}
