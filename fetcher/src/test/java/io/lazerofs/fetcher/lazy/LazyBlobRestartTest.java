package io.lazerofs.fetcher.lazy;

import static io.lazerofs.fetcher.lazy.LazyBlobFixture.UNIT;
import static io.lazerofs.fetcher.lazy.LazyBlobFixture.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazerofs.fetcher.lazy.GatedOrigin.Answer;
import io.lazerofs.source.AbsentException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is present after a crash is what was recorded before, whatever the data file looks like. */
@Timeout(60)
class LazyBlobRestartTest {
  private static final int SIZE = 20 * UNIT;

  @TempDir private Path directory;
  private Path before;
  private Path after;

  @SuppressWarnings("NullAway.Init") // paths are set before each test
  LazyBlobRestartTest() {}

  @BeforeEach
  void makeDirectories() throws IOException {
    before = Files.createDirectory(directory.resolve("before"));
    after = Files.createDirectory(directory.resolve("after"));
  }

  @Test
  void S1_9_afterACrashOnlyWhatWasNotRecordedIsFetchedAgain() throws Exception {
    try (LazyBlobFixture fixture = new LazyBlobFixture(before, SIZE);
        LazyBlob blob = fixture.open(new Origin(fixture.content))) {
      blob.fill(0, 3 * UNIT);
      blob.fill(10 * UNIT, 2 * UNIT);
      fixture.flush();
      GatedOrigin gated = new GatedOrigin(fixture.content, UNIT / 2);
      try (LazyBlob half = fixture.open(gated)) {
        var filling = fixture.fillAsync(half, 5 * UNIT, UNIT);
        Answer answer = gated.awaitAnswer();
        answer.give(1);
        copyBlobs();
        answer.finish();
        assertThat(filling.get()).isTrue();
      }
    }
    try (LazyBlobFixture fixture = new LazyBlobFixture(after, SIZE)) {
      Origin origin = new Origin(fixture.content);
      try (LazyBlob blob = fixture.open(origin)) {
        assertThat(blob.presentBytes()).isEqualTo(5 * UNIT);
        for (int unit = 0; unit < 20; unit++) {
          assertThat(read(blob, unit * UNIT, UNIT)).isEqualTo(fixture.slice(unit * UNIT, UNIT));
        }
      }
      assertThat(origin.requestedBytes()).isEqualTo(15 * UNIT);
      assertThat(origin.requests())
          .noneMatch(range -> range.overlaps(0, 3 * UNIT))
          .noneMatch(range -> range.overlaps(10 * UNIT, 12 * UNIT));
    }
  }

  @Test
  void S1_10_bytesAndBlocksOfTheDataFileAreNoPresence() throws Exception {
    try (LazyBlobFixture fixture = new LazyBlobFixture(before, SIZE);
        LazyBlob blob = fixture.open(new Origin(fixture.content))) {
      blob.fill(0, UNIT);
      Path data = dataFile(before);
      fallocate(data);
      assertThat(Files.getAttribute(data, "size")).isEqualTo((long) SIZE);
      assertAbsent(blob);
      fixture.flush();
      // Blocks that look like content, as those of a write do whose presence never was recorded.
      try (var channel = Files.newByteChannel(data, StandardOpenOption.WRITE)) {
        channel.position(UNIT).write(ByteBuffer.wrap(fixture.slice(UNIT, 3 * UNIT)));
      }
      assertAbsent(blob);
      copyBlobs();
    }
    try (LazyBlobFixture fixture = new LazyBlobFixture(after, SIZE)) {
      Origin origin = new Origin(fixture.content);
      try (LazyBlob blob = fixture.open(origin)) {
        assertThat(blob.presentBytes()).isEqualTo(UNIT);
        assertAbsent(blob);
        assertThat(read(blob, 0, SIZE)).isEqualTo(fixture.content);
      }
      assertThat(origin.requestedBytes()).isEqualTo(SIZE - UNIT);
    }
  }

  private static void assertAbsent(LazyBlob blob) {
    for (int unit = 1; unit < 20; unit++) {
      long offset = (long) unit * UNIT;
      assertThatThrownBy(() -> blob.read(offset, MemorySegment.ofArray(new byte[1])))
          .isInstanceOf(AbsentException.class);
    }
  }

  private static Path dataFile(Path cache) throws IOException {
    try (var files = Files.newDirectoryStream(cache.resolve("blobs"), "*.data")) {
      return files.iterator().next();
    }
  }

  /** Gives the file disk blocks for all that is a hole; reads of them are zeros. */
  private static void fallocate(Path file) throws IOException, InterruptedException {
    var process = new ProcessBuilder("fallocate", "-l", "" + SIZE, file.toString()).inheritIO();
    assertThat(process.start().waitFor()).isZero();
  }

  /** Copies the files as a crash would leave them. */
  private void copyBlobs() throws IOException {
    Files.createDirectories(after.resolve("blobs"));
    for (String suffix : new String[] {".presence", ".data"}) {
      try (var files = Files.newDirectoryStream(before.resolve("blobs"), "*" + suffix)) {
        for (Path file : files) {
          Files.copy(file, after.resolve("blobs").resolve(file.getFileName()));
        }
      }
    }
  }
}
