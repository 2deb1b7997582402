package io.lazerofs.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.lazerofs.erofs.ErofsImage;
import io.lazerofs.erofs.Inode;
import io.lazerofs.source.MappedSource;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Reading allocates some objects for each extent, whatever the size of the file. */
class ReadAllocationIT {
  private static final int READ = 4096;
  private static final int READS = 4000;
  private static final int BOUND = 2048;

  @TempDir private Path temporary;

  @ParameterizedTest
  @ValueSource(strings = {"plain", "chunk-4k", "lz4-64k", "zstd", "lz4-everything", "lz4hc-1m"})
  void readsOfDecodedContentAllocateNothingThatGrowsWithTheFile(String name) throws IOException {
    try (MappedSource source = MappedSource.open(Images.unpack(name, temporary))) {
      ErofsImage image = ErofsImage.open(source, List.of());
      Inode file = image.inode(image.rootNid());
      for (String part : List.of("big", "text")) {
        byte[] bytes = part.getBytes(StandardCharsets.US_ASCII);
        file = image.inode(image.lookup(file, bytes).orElseThrow().nid());
      }
      assertThat(allocated(image, file, true)).as("sequential").isLessThan(BOUND);
      assertThat(allocated(image, file, false)).as("random").isLessThan(BOUND);
    }
  }

  /** Returns the bytes that a read allocates, on the average. */
  private static long allocated(ErofsImage image, Inode file, boolean sequential)
      throws IOException {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    MemorySegment buffer = MemorySegment.ofArray(new byte[READ]);
    Random random = new Random(5);
    long before = 0;
    // The first half compiles what is measured, and decodes.
    for (int i = -READS; i < READS; i++) {
      if (i == 0) {
        before = threads.getCurrentThreadAllocatedBytes();
      }
      long next = (long) (i + READS) * READ % file.size();
      image.read(file, sequential ? next : random.nextLong(file.size()), buffer);
    }
    return (threads.getCurrentThreadAllocatedBytes() - before) / READS;
  }
}
