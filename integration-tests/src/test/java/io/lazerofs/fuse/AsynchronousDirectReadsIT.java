package io.lazerofs.fuse;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazerofs.dio.ReadBuffer;
import io.lazerofs.fuse.Protocol.Feature;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What FUSE_ASYNC_DIO is for: whether a direct read that the kernel splits fails as a whole or is
 * cut short when one of its parts fails. It lies in the server's package to leave the feature out.
 */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class AsynchronousDirectReadsIT {
  private static final int MEBIBYTE = 1 << 20;
  private static final int FILE_BYTES = 4 * MEBIBYTE;
  private static final int BAD_BYTE = 2 * MEBIBYTE + 5;

  @TempDir Path temporary;

  @Test
  void A4_failingThirdPartFailsTheWhole() throws Exception {
    Result result = read(SessionState.WANTED);
    assertThat(result.status()).isEqualTo(1);
    assertThat(result.text()).contains("Input/output error").contains("0+0 records in");
  }

  @Test
  void A4_withoutTheFeatureTheReadIsCutShort() throws Exception {
    Result result = read(SessionState.WANTED & ~Feature.ASYNC_DIO);
    assertThat(result.status()).isZero();
    assertThat(result.text()).contains("0+1 records in").contains(2 * MEBIBYTE + " bytes");
  }

  private record Result(int status, String text) {}

  /** Reads the file by one call of dd's and returns what dd says of it. */
  private Result read(long features) throws Exception {
    Path dir = Files.createDirectory(temporary.resolve("mount"));
    try (var waiters = Executors.newVirtualThreadPerTaskExecutor()) {
      FuseServer server =
          FuseServer.mount(dir, new OneFile(), FuseOptions.defaults(), waiters, features);
      try {
        ProcessBuilder builder =
            new ProcessBuilder(
                "dd",
                "if=" + dir.resolve("file"),
                "of=/dev/null",
                "bs=" + FILE_BYTES,
                "count=1",
                "iflag=direct");
        builder.environment().put("LC_ALL", "C");
        Process dd = builder.redirectErrorStream(true).start();
        String text = new String(dd.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        assertThat(dd.waitFor(20, TimeUnit.SECONDS)).isTrue();
        return new Result(dd.exitValue(), text);
      } finally {
        server.close();
        server.awaitEnd();
      }
    }
  }

  /** A file of zeros of which one byte cannot be read. */
  private static final class OneFile implements FileSystem {
    private static final Attributes DIRECTORY =
        new Attributes(ROOT, 4096, 8, 0, 0, 0040755, 2, 0, 0, 0, 4096);
    private static final Attributes FILE =
        new Attributes(2, FILE_BYTES, FILE_BYTES / 512, 0, 0, 0100644, 1, 0, 0, 0, 4096);

    @Override
    public Optional<Entry> lookup(long directory, byte[] name) {
      return Optional.of(new Entry(2, FILE));
    }

    @Override
    public boolean remembersMissingNames(long directory) {
      return true;
    }

    @Override
    public long generation(long node) {
      return 0;
    }

    @Override
    public Attributes attributes(long node) {
      return node == ROOT ? DIRECTORY : FILE;
    }

    @Override
    public byte[] readLink(long node) throws IOException {
      throw new NodeException.WrongType("symbolic link", node);
    }

    @Override
    public int read(long node, long offset, int length, boolean direct, ReadBuffer buffer)
        throws IOException {
      if (offset <= BAD_BYTE && BAD_BYTE < offset + length) {
        throw new IOException("byte " + BAD_BYTE + " is bad");
      }
      buffer.clear();
      int count = (int) Math.clamp(FILE_BYTES - offset, 0L, length);
      buffer.memory().asSlice(0, count).fill((byte) 0);
      return count;
    }

    @Override
    public void list(long directory, long position, DirectorySink sink) {
      // Nobody lists it.
    }

    @Override
    public Optional<byte[]> xattr(long node, byte[] name) {
      return Optional.empty();
    }

    @Override
    public List<byte[]> xattrNames(long node) {
      return List.of();
    }

    @Override
    public long seek(long node, long offset, boolean hole) {
      return -1;
    }

    @Override
    public Statistics statistics(long node) {
      return new Statistics(4096, 1, 1, 255);
    }
  }
}
