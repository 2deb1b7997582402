package io.lazerofs.erofs.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazerofs.erofs.Extent;
import io.lazerofs.erofs.Inode;
import io.lazerofs.erofs.disk.DataLayout;
import io.lazerofs.tar.DataRange;
import io.lazerofs.tar.TarException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sparse files stay sparse, in every form that archives know. */
final class SparseImportTest {
  private static final long TERABYTE = 1L << 40;

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--format=gnu",
        "--sparse-version=0.0",
        "--sparse-version=0.1",
        "--sparse-version=1.0"
      })
  void everyFormOfGnuTarReadsBack(String form) throws Exception {
    Path source = Files.createDirectory(directory.resolve("source"));
    long seed = 20_261_121;
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    for (int i = 0; i < 12; i++) {
      try (RandomAccessFile file = new RandomAccessFile(source.resolve("f" + i).toFile(), "rw")) {
        int ranges = random.nextInt(60);
        for (int r = 0; r < ranges; r++) {
          file.seek(random.nextInt(1 << 22));
          byte[] data = new byte[1 + random.nextInt(10_000)];
          random.nextBytes(data);
          file.write(data);
        }
        file.setLength(Math.max(file.length(), random.nextInt(1 << 22)) + (i % 2) * 12_345L);
      }
    }
    Files.write(source.resolve("dense"), new byte[10_000]);
    String pax = form.startsWith("--sparse-version") ? "--format=pax" : form;
    byte[] tar = GnuTar.create(source, pax, form, "--sparse");
    try (ImageFiles files = ImageFiles.of(tar, directory)) {
      for (Path path : GnuTar.list(source)) {
        String name = path.getFileName().toString();
        assertThat(files.bytes(name)).as(name).isEqualTo(Files.readAllBytes(path));
      }
      assertThat(files.all().values())
          .filteredOn(inode -> inode.layout() == DataLayout.CHUNK_BASED)
          .hasSizeGreaterThan(5);
    }
    assertThat(Files.size(directory.resolve("image.erofs"))).isLessThan(tar.length * 2L);
  }

  @Test
  void aHugeSparseFileTakesLittleSpace() throws IOException {
    TarBytes tar =
        sparse(TERABYTE, new DataRange(5_000_000_000L, 3), new DataRange(TERABYTE - 1, 1));
    try (ImageFiles files = ImageFiles.of(tar.end(), directory)) {
      Inode inode = files.get("sparse");
      assertThat(inode.size()).isEqualTo(TERABYTE);
      assertThat(files.image().extent(inode, 0)).isInstanceOf(Extent.Hole.class);
      assertThat(files.image().extent(inode, TERABYTE / 2)).isInstanceOf(Extent.Hole.class);
      assertThat(read(files, 5_000_000_000L - 1, 5)).containsExactly(0, 1, 1, 1, 0);
      assertThat(read(files, TERABYTE - 2, 2)).containsExactly(0, 1);
    }
    assertThat(Files.size(directory.resolve("image.erofs"))).isLessThan(16 << 20);
  }

  @Test
  void aFileThatIsOneHoleTakesNoBlock() throws IOException {
    try (ImageFiles files = ImageFiles.of(sparse(TERABYTE).end(), directory)) {
      assertThat(files.image().extent(files.get("sparse"), 12_345)).isInstanceOf(Extent.Hole.class);
    }
    assertThat(Files.size(directory.resolve("image.erofs"))).isEqualTo(8192);
  }

  @Test
  void aMapThatCoversAllOfTheFileMakesAnOrdinaryFile() throws IOException {
    try (ImageFiles files = ImageFiles.of(sparse(70, new DataRange(0, 70)).end(), directory)) {
      assertThat(files.get("sparse").layout()).isEqualTo(DataLayout.FLAT_PLAIN);
      assertThat(read(files, 0, 70)).containsOnly(1);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"0", "0,x", "5,-1", "-5,1", "90,20", "10,5,12,1", "0,9223372036854775807", "0,99"})
  void aDamagedMapIsRefused(String map) {
    byte[] tar =
        new TarBytes()
            .pax("GNU.sparse.size", "100", "GNU.sparse.map", map)
            .file("sparse", "1234567890")
            .end();
    assertThatThrownBy(() -> ImageFiles.of(tar, directory))
        .isInstanceOf(TarException.class)
        .hasMessageContaining("map of a sparse file")
        .hasMessageContaining("sparse");
  }

  private byte[] read(ImageFiles files, long offset, int length) throws IOException {
    byte[] bytes = new byte[length];
    files.image().read(files.get("sparse"), offset, MemorySegment.ofArray(bytes));
    return bytes;
  }

  /** Returns an archive of one file whose data are ones. */
  private static TarBytes sparse(long size, DataRange... ranges) {
    StringBuilder map = new StringBuilder();
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    for (DataRange range : List.of(ranges)) {
      map.append(range.offset()).append(',').append(range.length()).append(',');
      data.writeBytes("\u0001".repeat((int) range.length()).getBytes(StandardCharsets.US_ASCII));
    }
    map.append(size).append(",0");
    return new TarBytes()
        .pax("GNU.sparse.size", "" + size, "GNU.sparse.map", map.toString())
        .entry("sparse", '0', 0644, "", data.toByteArray());
  }
}
