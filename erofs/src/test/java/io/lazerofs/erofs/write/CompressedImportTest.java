package io.lazerofs.erofs.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazerofs.tar.TarException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The same archive gives the same image, however compressed; a part of one gives none. */
final class CompressedImportTest {
  @TempDir Path directory;

  private byte[] imported(byte[] tar) throws IOException {
    Path output = directory.resolve("image.erofs");
    TarImporter.importTar(new ByteArrayInputStream(tar), output);
    return Files.readAllBytes(output);
  }

  private static TarBytes archive(long seed) {
    Random random = new Random(seed);
    TarBytes tar = new TarBytes().directory("./", 0755);
    for (int i = 0; i < 40; i++) {
      byte[] content = new byte[random.nextInt(20_000)];
      random.nextBytes(content);
      String path = "d" + random.nextInt(5) + "/f" + i;
      tar.pax("mtime", random.nextInt() + ".5", "SCHILY.xattr.user.n", "v" + i);
      tar.entry(path, '0', 0644, "", content).symlink(path + ".link", path);
    }
    return tar;
  }

  @Test
  void theSameInputGivesTheSameImage() throws IOException {
    assertThat(imported(archive(1).end())).isEqualTo(imported(archive(1).end()));
  }

  @Test
  void otherContentOfTheSameSizeGivesAnotherUuid() throws IOException {
    byte[] one = imported(new TarBytes().file("f", "one").end());
    byte[] two = imported(new TarBytes().file("f", "two").end());
    assertThat(uuid(one)).isNotEqualTo(uuid(two));
  }

  @ParameterizedTest
  @ValueSource(strings = {"gz", "zstd", "xz"})
  void compressionDoesNotChangeTheImage(String format) throws Exception {
    byte[] tar = archive(2).end();
    assertThat(imported(GnuTar.compress(tar, format))).isEqualTo(imported(tar));
  }

  @ParameterizedTest
  @ValueSource(strings = {"gz", "zstd", "xz"})
  void streamsOfSeveralMembersAreReadToTheEnd(String format) throws Exception {
    byte[] tar = archive(3).end();
    ByteArrayOutputStream members = new ByteArrayOutputStream();
    for (int at = 0; at < tar.length; at += 10_000) {
      byte[] part = Arrays.copyOfRange(tar, at, Math.min(tar.length, at + 10_000));
      members.writeBytes(GnuTar.compress(part, format));
    }
    assertThat(imported(members.toByteArray())).isEqualTo(imported(tar));
  }

  @Test
  void anArchiveThatEndsEarlyIsAnErrorThatNamesEntryAndOffset() throws IOException {
    long seed = 4;
    System.out.println("seed " + seed);
    TarBytes tar = archive(seed);
    byte[] whole = tar.unfinished();
    Random random = new Random(seed);
    for (int boundary : tar.boundaries()) {
      refuseCut(whole, boundary);
    }
    for (int i = 0; i < 200; i++) {
      refuseCut(whole, random.nextInt(whole.length));
    }
    refuseCut(whole, whole.length);
  }

  private void refuseCut(byte[] whole, int length) {
    byte[] part = Arrays.copyOf(whole, length);
    assertThatThrownBy(() -> imported(part))
        .as("cut at " + length)
        .isInstanceOfSatisfying(
            TarException.class,
            e -> {
              assertThat(e).hasMessageContaining("ends early");
              assertThat(e.offset()).isEqualTo(length);
              assertThat(e.entry().isEmpty()).isEqualTo(length < 512);
            });
    assertThat(directory).isEmptyDirectory();
  }

  @ParameterizedTest
  @ValueSource(strings = {"gz", "zstd", "xz"})
  void aCompressedStreamThatEndsEarlyIsAnErrorThatNamesEntryAndOffset(String format)
      throws Exception {
    long seed = 5;
    System.out.println("seed " + seed);
    byte[] whole = GnuTar.compress(archive(seed).end(), format);
    Random random = new Random(seed);
    for (int i = 0; i < 100; i++) {
      int length = i == 0 ? whole.length - 1 : 6 + random.nextInt(whole.length - 6);
      byte[] part = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> imported(part))
          .as("cut at " + length)
          .isInstanceOf(TarException.class)
          .hasMessageContaining("offset")
          .hasMessageContaining("ends early");
      assertThat(directory).isEmptyDirectory();
    }
  }

  @Test
  void aDamagedHeaderIsRefused() {
    byte[] tar = new TarBytes().file("first", "x").file("second", "y").end();
    tar[1024 + 3] ^= 1;
    assertThatThrownBy(() -> imported(tar))
        .isInstanceOfSatisfying(TarException.class, e -> assertThat(e.entry()).isEqualTo("first"))
        .hasMessageContaining("checksum");
  }

  @Test
  void randomBytesAreRefused() {
    long seed = 6;
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    for (int i = 0; i < 200; i++) {
      byte[] noise = new byte[1 + random.nextInt(5000)];
      random.nextBytes(noise);
      assertThatThrownBy(() -> imported(noise)).isInstanceOf(TarException.class);
    }
    assertThat(directory).isEmptyDirectory();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aStreamThatFailsIsNotTheArchivesFault(boolean compressed) throws Exception {
    byte[] tar = archive(7).end();
    byte[] half = Arrays.copyOf(compressed ? GnuTar.compress(tar, "gz") : tar, 20_000);
    InputStream failing =
        new InputStream() {
          @Override
          public int read() throws IOException {
            throw new IOException("the network is gone");
          }

          @Override
          public int read(byte[] bytes, int start, int length) throws IOException {
            return read();
          }
        };
    InputStream in = new SequenceInputStream(new ByteArrayInputStream(half), failing);
    assertThatThrownBy(() -> TarImporter.importTar(in, directory.resolve("image.erofs")))
        .isNotInstanceOf(TarException.class)
        .hasMessage("the network is gone");
    assertThat(directory).isEmptyDirectory();
  }

  private static byte[] uuid(byte[] image) {
    return Arrays.copyOfRange(image, 1024 + 48, 1024 + 64);
  }
}
