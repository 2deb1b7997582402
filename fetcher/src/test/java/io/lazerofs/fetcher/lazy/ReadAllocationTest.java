package io.lazerofs.fetcher.lazy;

import static io.lazerofs.fetcher.lazy.LazyBlobFixture.UNIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.management.ThreadMXBean;
import io.lazerofs.dio.DirectIo;
import io.lazerofs.dio.DirectIoSettings;
import io.lazerofs.dio.DirectIoSettings.Alignment;
import io.lazerofs.dio.DirectIoSettings.Backing;
import io.lazerofs.dio.DirectIoSettings.Compressed;
import io.lazerofs.dio.Mapper;
import io.lazerofs.dio.Mapping;
import io.lazerofs.dio.ReadBuffer;
import io.lazerofs.source.ByteSource;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A read of present bytes makes no object, wherever they come from. */
@Timeout(60)
class ReadAllocationTest {
  private static final int READ = 4096;
  private static final int READS = 10_000;
  private static final int ROUNDS = 200;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final int SIZE = 40 * UNIT;

  private final Path directory = DiskDirectory.create();
  private final LazyBlobFixture fixture;
  private final ReadBuffer buffer = new ReadBuffer(Arena.ofAuto().allocate(READ, READ));

  ReadAllocationTest() throws IOException {
    fixture = new LazyBlobFixture(directory, SIZE);
  }

  @AfterEach
  void close() throws IOException {
    fixture.close();
    DiskDirectory.delete(directory);
  }

  @Test
  void S3_8_aReadFromAFillingBlobAllocatesNothing() throws IOException {
    try (LazyBlob blob = fixture.open(new Origin(fixture.content))) {
      blob.fill(0, SIZE - UNIT);
      assertThat(allocatedByReads(blob, DirectIoSettings.DEFAULT)).isZero();
      assertThat(blob.memory()).isEqualTo(MemorySegment.NULL);
    }
  }

  @Test
  void S3_8_aReadFromASealedBlobAllocatesNothing() throws IOException {
    try (LazyBlob blob = fixture.open(new Origin(fixture.content))) {
      blob.fill(0, SIZE);
      await().until(() -> !blob.memory().equals(MemorySegment.NULL));
      assertThat(allocatedByReads(blob, DirectIoSettings.DEFAULT)).isZero();
      assertThat(buffer.data()).isEqualTo(blob.memory());
    }
  }

  @Test
  void S3_8_aReadPastThePageCacheAllocatesNothing() throws IOException {
    var settings = new DirectIoSettings(Alignment.PER_MAPPING, Compressed.DECODE, Backing.DEVICE);
    try (LazyBlob blob = fixture.open(new Origin(fixture.content))) {
      blob.fill(0, SIZE - UNIT);
      assertThat(allocatedByReads(blob, settings)).isZero();
      assertThat(fixture.statistics.snapshot().pageCacheFallbacks()).isZero();
    }
  }

  /** Returns what a round of reads allocates once it is compiled; waits some rounds for that. */
  private long allocatedByReads(ByteSource source, DirectIoSettings settings) throws IOException {
    DirectIo directIo = new DirectIo(settings);
    Mapper file = new OneMapping(source);
    long allocated = Long.MAX_VALUE;
    for (int round = 0; round < ROUNDS && allocated > 0; round++) {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      readRound(directIo, file);
      allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
    }
    return allocated;
  }

  private void readRound(DirectIo directIo, Mapper file) throws IOException {
    for (int i = 0; i < READS; i++) {
      // Steps of a prime number of blocks, within what is present, are no sequence.
      long offset = i * 7L * READ % (SIZE - UNIT);
      int count = directIo.read(file, offset, READ, true, buffer);
      byte first = buffer.data().get(ValueLayout.JAVA_BYTE, buffer.start());
      if (count != READ || first != fixture.content[(int) offset]) {
        throw new AssertionError("wrong at " + offset);
      }
    }
  }

  /** A file that is all of a source. */
  private static final class OneMapping implements Mapper {
    private final Mapping mapping;
    private final long size;

    OneMapping(ByteSource source) {
      this.size = source.size();
      this.mapping = new Mapping.Mapped(0, size, source, 0);
    }

    @Override
    public long size() {
      return size;
    }

    @Override
    public int blockSize() {
      return READ;
    }

    @Override
    public Mapping begin(long offset, long length, Operation operation) {
      return mapping;
    }
  }
}
