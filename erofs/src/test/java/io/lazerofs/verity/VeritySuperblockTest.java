package io.lazerofs.verity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VeritySuperblockTest {
  private static final VeritySuperblock SAMPLE =
      new VeritySuperblock(UUID.fromString("11111111-2222-8333-8444-555555555555"), 300, "aabb");

  /** What {@code veritysetup format --salt=aabb --uuid=11111111-… --data-blocks=300} writes. */
  private static final String BYTES =
      """
      7665726974790000 0100000001000000 1111111122228333 8444555555555555
      7368613235360000 0000000000000000 0000000000000000 0000000000000000
      0010000000100000 2c01000000000000 0200000000000000 aabb000000000000
      """;

  @Test
  void itIsWrittenAsVeritysetupWritesIt() {
    byte[] start = HexFormat.of().parseHex(BYTES.replaceAll("\\s", ""));
    byte[] block = new byte[4096];
    System.arraycopy(start, 0, block, 0, start.length);
    assertThat(SAMPLE.encode().array()).isEqualTo(block);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 32, 256})
  void aSaltOfAnySizeIsReadBack(int size) throws BadVerityException {
    VeritySuperblock superblock = new VeritySuperblock(SAMPLE.uuid(), 7, "5a".repeat(size));
    assertThat(VeritySuperblock.decode(superblock.encode(), 7)).isEqualTo(superblock);
  }

  @Test
  void aSaltThatDoesNotFitIsRefused() {
    assertThatThrownBy(() -> new VeritySuperblock(SAMPLE.uuid(), 7, "5a".repeat(257)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void itIsReadFromWhereABufferStands() throws BadVerityException {
    ByteBuffer twoBlocks = ByteBuffer.allocate(8192).put(4096, SAMPLE.encode().array());
    twoBlocks.position(4096);
    assertThat(VeritySuperblock.decode(twoBlocks, 300)).isEqualTo(SAMPLE);
    assertThat(twoBlocks.position()).isEqualTo(4096);
  }

  @ParameterizedTest
  @CsvSource({
    "0, signature, 0",
    "8, version, 8",
    "12, hash type, 12",
    "32, algorithm, 32",
    "38, algorithm, 32",
    "63, padding, 63",
    "65, data block size, 64",
    "69, hash block size, 68",
    "79, number of data blocks, 72",
    "81, size of the salt, 80",
    "82, padding, 82",
    "90, padding, 90",
    "511, padding, 511",
    "4095, padding, 4095"
  })
  void aFieldThatIsNotSupportedIsNamed(int changed, String field, int offset) {
    ByteBuffer block = SAMPLE.encode();
    block.put(changed, (byte) (block.get(changed) ^ 0x55));
    assertThatThrownBy(() -> VeritySuperblock.decode(block, 300))
        .isInstanceOfSatisfying(
            BadVerityException.class,
            e -> {
              assertThat(e.field()).isEqualTo(field);
              assertThat(e.offset()).isEqualTo(offset);
            });
  }

  @Test
  void anotherNumberOfBlocksThanThePlaceOfTheTreeSaysIsRefused() {
    assertThatThrownBy(() -> VeritySuperblock.decode(SAMPLE.encode(), 301))
        .isInstanceOf(BadVerityException.class)
        .hasMessageContaining("number of data blocks at byte 72: expected 301, found 300");
  }
}
