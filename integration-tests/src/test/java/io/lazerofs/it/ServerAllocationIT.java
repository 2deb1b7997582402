package io.lazerofs.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.lazerofs.fuse.FuseOptions;
import io.lazerofs.fuse.FuseServer;
import io.lazerofs.source.MappedSource;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the server itself costs the heap. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ServerAllocationIT {
  private static final int FILE_BYTES = 1 << 20;
  private static final int READ_BYTES = 4096;
  private static final int READS = 20_000;

  /** Rounds until the JVM has compiled all that a read takes. */
  private static final int MOST_ROUNDS = 20;

  private static final String NAME = "allocation-it";

  @TempDir Path temporary;

  @Test
  void S3_8_readsOfPresentDataAllocateNothing() throws Exception {
    byte[] content = new byte[FILE_BYTES];
    new Random(11).nextBytes(content);
    Path dir = Files.createDirectory(temporary.resolve("mount"));
    MemoryFileSystem files = new MemoryFileSystem();
    try (MappedSource source = MappedSource.open(Files.write(temporary.resolve("file"), content));
        var waiters = Executors.newVirtualThreadPerTaskExecutor()) {
      files.file(files.root(), "file", source);
      FuseServer server =
          FuseServer.mount(
              dir, files, FuseOptions.defaults().withSourceName(NAME).withWorkers(2), waiters);
      try {
        long[] workers = workers();
        assertThat(workers).hasSize(2);
        int reads = files.reads.get();
        long allocated = -1;
        int rounds = 0;
        while (allocated != 0 && rounds < MOST_ROUNDS) {
          long before = allocated(workers);
          read(dir.resolve("file"), content);
          allocated = allocated(workers) - before;
          rounds++;
          System.out.println("allocated in " + READS + " reads: " + allocated + " bytes");
        }
        assertThat(files.reads.get() - reads).isEqualTo(rounds * READS);
        assertThat(allocated).isZero();
      } finally {
        server.close();
        server.awaitEnd();
      }
    }
  }

  private static void read(Path path, byte[] content) {
    byte[] got = new byte[READ_BYTES];
    Random random = new Random(12);
    try (NativeFile file = NativeFile.open(path, NativeFile.O_RDONLY | NativeFile.O_DIRECT)) {
      for (int i = 0; i < READS; i++) {
        int offset = random.nextInt(FILE_BYTES / READ_BYTES) * READ_BYTES;
        assertThat(file.read(offset, READ_BYTES, 0, got)).isEqualTo(READ_BYTES);
        assertThat(Arrays.equals(got, 0, READ_BYTES, content, offset, offset + READ_BYTES))
            .isTrue();
      }
    }
  }

  private static long[] workers() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("fuse-" + NAME))
        .mapToLong(Thread::threadId)
        .toArray();
  }

  private static long allocated(long[] threads) {
    ThreadMXBean bean = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    return Arrays.stream(bean.getThreadAllocatedBytes(threads)).sum();
  }
}
