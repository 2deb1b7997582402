package io.lazerofs.dio;

import static io.lazerofs.dio.FakeFile.BLOCK;
import static org.assertj.core.api.Assertions.assertThat;

import io.lazerofs.dio.DirectIoSettings.Alignment;
import io.lazerofs.dio.DirectIoSettings.Backing;
import io.lazerofs.fuse.Errno;
import io.lazerofs.source.TestSource;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Random reads of random files give the same with the way of small reads and without it. */
class SmallReadEquivalenceTest {
  private static final int REQUESTS = 100_000;
  private static final int FILES = 200;
  private static final int MOST_MAPPINGS = 6;

  @Test
  void S3_2_nobodySeesWhichWayAReadTook() throws IOException {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    int good = 0;
    int taken = 0;
    for (int i = 0; i < FILES; i++) {
      FakeFile file = file(random);
      DirectIoSettings settings =
          Settings.of(
              Alignment.values()[random.nextInt(Alignment.values().length)],
              Backing.values()[random.nextInt(Backing.values().length)]);
      DirectIo small = new DirectIo(settings);
      DirectIo general = new DirectIo(settings, 0);
      for (int request = 0; request < REQUESTS / FILES; request++) {
        long offset = random.nextLong(-512, file.size() + BLOCK);
        int length = random.nextInt(-1, 3 * BLOCK);
        if (random.nextInt(4) != 0) {
          offset &= -512;
          length &= -512;
        }
        boolean direct = random.nextInt(3) != 0;
        boolean waits = random.nextBoolean();
        List<Object> wanted = outcome(general, file, offset, length, direct, waits);
        int before = file.begun();
        List<Object> got = outcome(small, file, offset, length, direct, waits);
        assertThat(got)
            .as("%s, %d bytes at %d, direct %b", settings, length, offset, direct)
            .isEqualTo(wanted);
        good += wanted.size() == 2 ? 1 : 0;
        taken += wanted.size() == 2 && file.begun() == before + 1 ? 1 : 0;
      }
      assertThat(file.ends).hasSize(file.begun());
      assertThat(small.readsUnderWay()).isZero();
    }
    assertThat(good).as("reads that succeeded").isBetween(REQUESTS / 10, REQUESTS * 9 / 10);
    assertThat(taken).as("reads by one mapping").isGreaterThan(REQUESTS / 20);
  }

  private static FakeFile file(Random random) {
    long size = 0;
    List<Mapping> mappings = new ArrayList<>();
    TestSource device = FakeFile.device(random.nextLong());
    if (random.nextBoolean()) {
      device.withMemory();
    } else {
      device.withAbsent(random.nextInt(FakeFile.DEVICE_BLOCKS) * BLOCK, BLOCK);
      device.setBad(random.nextInt(FakeFile.DEVICE_BLOCKS * BLOCK));
    }
    for (int i = random.nextInt(MOST_MAPPINGS) + 1; i > 0; i--) {
      long length = (1L + random.nextInt(4)) * BLOCK;
      // Some of the last blocks' ranges end outside of the device.
      long physical = (long) random.nextInt(FakeFile.DEVICE_BLOCKS) * BLOCK;
      Mapping mapping =
          switch (random.nextInt(8)) {
            case 0 -> new Mapping.Hole(size, length);
            case 1 -> new Mapping.Inline(size, length, device, physical);
            case 2 -> new Mapping.Hole(size + 512, length);
            default -> new Mapping.Mapped(size, length, device, physical);
          };
      mappings.add(mapping);
      size += length;
    }
    FakeFile file = new FakeFile(size - random.nextInt(BLOCK));
    mappings.forEach(file::add);
    return file;
  }

  /** Returns count and bytes, or the errno. */
  private static List<Object> outcome(
      DirectIo io, FakeFile file, long offset, int length, boolean direct, boolean waits) {
    MemorySegment memory = MemorySegment.ofArray(new byte[Math.max(length, 0)]);
    ReadBuffer buffer = new ReadBuffer(memory);
    try {
      int count =
          waits
              ? io.read(file, offset, length, direct, buffer)
              : io.readPresent(file, offset, length, direct, buffer);
      byte[] bytes = buffer.bytes(count).toArray(ValueLayout.JAVA_BYTE);
      return List.of(count, MemorySegment.ofArray(bytes).asByteBuffer());
    } catch (IOException e) {
      return List.of(Errno.of(e) + " " + e.getClass().getSimpleName());
    } catch (IndexOutOfBoundsException e) {
      return List.of(e.getClass());
    }
  }
}
