package io.lazerofs.erofs;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazerofs.erofs.disk.FileType;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Reads and extents at any place agree with the content read from its start. */
class RandomAccessTest {
  private static final int READS = 20;

  @ParameterizedTest
  @MethodSource("io.lazerofs.erofs.Fixture#all")
  void anyPartReadsAsInTheWhole(Fixture fixture) throws IOException {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    ErofsImage image = fixture.open();
    for (var entry : Trees.walk(image).entrySet()) {
      Inode inode = entry.getValue();
      if (inode.type() != FileType.REGULAR || inode.size() == 0) {
        continue;
      }
      byte[] whole = Trees.content(image, inode);
      for (int i = 0; i < READS; i++) {
        int offset = random.nextInt(whole.length + 100);
        byte[] part = new byte[random.nextInt(random.nextBoolean() ? 300 : 70_000)];
        int from = Math.min(offset, whole.length);
        int expected = Math.min(part.length, whole.length - from);
        assertThat(image.read(inode, offset, MemorySegment.ofArray(part)))
            .as("seed %d, %s at %d", seed, entry.getKey(), offset)
            .isEqualTo(expected);
        assertThat(Arrays.copyOf(part, expected))
            .as("seed %d, %s at %d", seed, entry.getKey(), offset)
            .isEqualTo(Arrays.copyOfRange(whole, from, from + expected));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("io.lazerofs.erofs.Fixture#all")
  void extentsCoverTheContentWithoutGapsAndSayWhereItIs(Fixture fixture) throws IOException {
    ErofsImage image = fixture.open();
    for (Inode inode : Trees.walk(image).values()) {
      if (inode.type() != FileType.REGULAR) {
        continue;
      }
      byte[] whole = Trees.content(image, inode);
      long at = 0;
      while (at < whole.length) {
        Extent extent = image.extent(inode, at);
        assertThat(extent.offset()).isEqualTo(at);
        byte[] bytes = new byte[(int) Math.min(extent.length(), whole.length - at)];
        switch (extent) {
          case Extent.Hole _ -> {}
          case Extent.Plain plain -> {
            assertThat(plain.length() % image.superblock().blockSize()).isZero();
            plain.source().read(plain.physical(), MemorySegment.ofArray(bytes));
          }
          case Extent.Inline inline -> {
            assertThat(inline.offset() + inline.length()).isEqualTo(whole.length);
            inline.source().read(inline.physical(), MemorySegment.ofArray(bytes));
          }
          case Extent.Compressed compressed -> {
            assertThat(compressed.offset() + compressed.length()).isLessThanOrEqualTo(whole.length);
            image.read(inode, at, MemorySegment.ofArray(bytes));
          }
          case Extent.Fragment fragment -> {
            Inode packed = image.inode(image.superblock().packedNid());
            image.read(packed, fragment.packedOffset(), MemorySegment.ofArray(bytes));
          }
        }
        assertThat(bytes).isEqualTo(Arrays.copyOfRange(whole, (int) at, (int) at + bytes.length));
        at += extent.length();
      }
    }
  }
}
