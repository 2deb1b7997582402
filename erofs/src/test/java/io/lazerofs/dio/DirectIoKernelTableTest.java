package io.lazerofs.dio;

import static io.lazerofs.dio.FakeFile.BLOCK;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Direct reads as measured on Linux 6.18 with an image on a loop device. */
class DirectIoKernelTableTest {
  private static final int EINVAL = -22;

  /** Three blocks and 700 bytes beside the inode. */
  private final FakeFile tail =
      new FakeFile(12_988).plain(3 * BLOCK, 5 * BLOCK).inline(700, 16_000);

  private final FakeFile small = new FakeFile(100).inline(100, 1234);
  private final FakeFile exact = new FakeFile(16_384).plain(4 * BLOCK, BLOCK);
  private final FakeFile unevenEnd = new FakeFile(5000).plain(2 * BLOCK, BLOCK);

  @ParameterizedTest
  @CsvSource({
    "0, 4096, 4096, 100, 4096",
    "512, 512, 512, 0, 512",
    "0, 100, -22, 100, -22",
    "1, 4096, -22, 99, -22",
    "4096, 65536, 8892, 0, 12288",
    "8192, 4196, 4196, 0, -22",
    "12289, 100, 100, 0, -22",
    "8192, 100, -22, 0, -22",
    "12989, 4096, 0, 0, -22",
    "16384, 4096, 0, 0, 0",
    "16385, 4096, 0, 0, 0",
    "0, 0, 0, 0, 0",
  })
  void directReadsOfTheTable(long offset, int length, int ofTail, int ofSmall, int ofExact)
      throws IOException {
    assertThat(result(tail, offset, length)).isEqualTo(ofTail);
    assertThat(result(small, offset, length)).isEqualTo(ofSmall);
    assertThat(result(exact, offset, length)).isEqualTo(ofExact);
  }

  @ParameterizedTest
  @CsvSource({"0, 8192, 5000", "0, 5000, -22", "4096, 904, -22", "4096, 1024, 904"})
  void lastBlockIsJudgedWhole(long offset, int length, int expected) throws IOException {
    assertThat(result(unevenEnd, offset, length)).isEqualTo(expected);
  }

  @Test
  void bufferedReadsNeedNoAlignment() throws IOException {
    for (FakeFile file : List.of(tail, small, exact, unevenEnd)) {
      assertThat(file.buffered(1, 65_000)).isEqualTo(file.expected(1, 65_000));
    }
  }

  private static int result(FakeFile file, long offset, int length) throws IOException {
    try {
      byte[] got = file.direct(offset, length);
      assertThat(got).isEqualTo(file.expected(offset, length));
      return got.length;
    } catch (MisalignedException e) {
      return EINVAL;
    }
  }
}
