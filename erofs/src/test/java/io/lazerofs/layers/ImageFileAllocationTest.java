package io.lazerofs.layers;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.lazerofs.dio.DirectIo;
import io.lazerofs.dio.DirectIoSettings;
import io.lazerofs.dio.ReadBuffer;
import io.lazerofs.erofs.ErofsImage;
import io.lazerofs.erofs.Inode;
import io.lazerofs.erofs.codec.Compression;
import io.lazerofs.erofs.disk.DataLayout;
import io.lazerofs.erofs.write.WriteOptions;
import io.lazerofs.source.MappedSource;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Small reads of a mapped image allocate nothing, whatever the layout of the file. */
class ImageFileAllocationTest {
  private static final int BLOCK = TestImage.BLOCK;
  private static final int WARM_UP = 20_000;
  private static final int READS = 50_000;
  private static final int ROUNDS = 4;

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private final DirectIo io = new DirectIo(DirectIoSettings.DEFAULT);

  @TempDir Path directory;

  @Test
  void S3_8_smallReadsOfAFlatFileAllocateNothing() throws IOException {
    byte[] content = TestImage.random(64 * BLOCK, 1);
    assertAllocatesNothing(content, WriteOptions.defaults(), DataLayout.FLAT_PLAIN);
  }

  @Test
  void S3_8_smallReadsOfAFileWithAnInlineTailAllocateNothing() throws IOException {
    byte[] content = TestImage.random(64 * BLOCK + 700, 2);
    // The writer gives a tail to files that it tried to compress.
    WriteOptions options =
        WriteOptions.defaults().withCompression(Compression.parse("lz4"), 16 << 10);
    assertAllocatesNothing(content, options, DataLayout.FLAT_INLINE);
  }

  @Test
  void S3_8_smallReadsOfAChunkBasedFileAllocateNothing() throws IOException {
    byte[] content = TestImage.random(1500 * BLOCK, 3);
    WriteOptions options = WriteOptions.defaults().withChunks(BLOCK);
    assertAllocatesNothing(content, options, DataLayout.CHUNK_BASED);
  }

  private void assertAllocatesNothing(byte[] content, WriteOptions options, DataLayout layout)
      throws IOException {
    new TestImage(directory).with("file", content).write(options);
    try (MappedSource source = MappedSource.open(directory.resolve("image"));
        Arena arena = Arena.ofConfined()) {
      ErofsImage image = ErofsImage.open(source, List.of());
      Inode inode = TestImage.inode(image, "file");
      assertThat(inode.layout()).isEqualTo(layout);
      ImageFile file = new ImageFile(image, inode);
      ReadBuffer buffer = new ReadBuffer(arena.allocate(BLOCK, BLOCK));
      assertThat(read(file, buffer, WARM_UP)).isEqualTo((long) WARM_UP * BLOCK);
      // What is compiled or linked meanwhile costs the reading thread something once, not each
      // time.
      long least = Long.MAX_VALUE;
      for (int round = 0; round < ROUNDS; round++) {
        long overhead = allocated(file, buffer, 0);
        least = Math.min(least, allocated(file, buffer, READS) - overhead);
      }
      assertThat(least).as("bytes that %d reads allocate", READS).isZero();
    }
  }

  private long allocated(ImageFile file, ReadBuffer buffer, int reads) throws IOException {
    long before = threads.getCurrentThreadAllocatedBytes();
    read(file, buffer, reads);
    return threads.getCurrentThreadAllocatedBytes() - before;
  }

  /** Reads whole blocks all over the file, in an order that jumps; returns how many bytes. */
  private long read(ImageFile file, ReadBuffer buffer, int reads) throws IOException {
    long blocks = file.size() / BLOCK;
    long sum = 0;
    for (int i = 0; i < reads; i++) {
      sum += file.read(io, i * 31L % blocks * BLOCK, BLOCK, true, buffer);
    }
    return sum;
  }
}
