package io.lazerofs.erofs.disk;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Objects;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Superblocks that mkfs.erofs 1.9.3 wrote. */
class SuperblockTest {

  @ParameterizedTest
  @ValueSource(
      strings = {"plain", "block-512", "block-1024", "chunk-blobdev", "48bit", "xattr-prefix"})
  void encodesToTheBytesThatItWasDecodedFromAndItsChecksumHolds(String name) throws IOException {
    byte[] image = image(name);
    MemorySegment memory = MemorySegment.ofArray(image).asSlice(Superblock.OFFSET);
    Superblock superblock = Superblock.decode(memory, 0);
    byte[] encoded = new byte[superblock.size()];
    superblock.encode(MemorySegment.ofArray(encoded), 0);
    assertThat(encoded)
        .isEqualTo(
            Arrays.copyOfRange(image, Superblock.OFFSET, Superblock.OFFSET + encoded.length));
    assertThat(Superblock.checksum(memory, superblock.blockBits()))
        .isEqualTo(superblock.checksum());
  }

  @ParameterizedTest
  @ValueSource(strings = {"plain", "block-512"})
  void sealRestoresTheChecksum(String name) throws IOException {
    byte[] image = image(name);
    MemorySegment memory = MemorySegment.ofArray(image).asSlice(Superblock.OFFSET);
    Superblock superblock = Superblock.decode(memory, 0);
    memory.set(ValueLayout.JAVA_INT_UNALIGNED, 4, 0x5555_5555);
    Superblock.seal(memory, superblock.blockBits());
    assertThat(Superblock.decode(memory, 0)).isEqualTo(superblock);
  }

  private static byte[] image(String name) throws IOException {
    try (InputStream in =
        new GZIPInputStream(
            Objects.requireNonNull(
                SuperblockTest.class.getResourceAsStream("/erofs/" + name + ".erofs.gz")))) {
      return in.readAllBytes();
    }
  }
}
