package io.lazerofs.fetcher.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazerofs.source.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PresenceFileTest {
  private static final long SIZE = 5000L * PresenceMap.BLOCK_BYTES - 7;
  private static final BlobKey KEY = new BlobKey(Digest.of(new byte[] {1}), SIZE);

  @TempDir Path directory;
  private final PresenceMap written = new PresenceMap(5000);
  private byte[] good = {};

  @BeforeEach
  void writeAFile() throws IOException {
    Path path = directory.resolve("good");
    written.mark(3, 700);
    written.mark(4000, 4100);
    written.mark(4999, 5000);
    try (PresenceFile file = file(KEY, written, path)) {
      file.rewrite();
    }
    good = Files.readAllBytes(path);
  }

  @Test
  void isAsLongAsItsDocumentationSays() {
    assertThat(good).hasSize(512 * 3);
  }

  @Test
  void loadsWhatWasWritten() throws IOException {
    PresenceMap loaded = load(good, KEY, SIZE);

    for (int block = 0; block < 5000; block++) {
      assertThat(loaded.isPresent(block, block + 1))
          .as("block %d", block)
          .isEqualTo(written.isPresent(block, block + 1));
    }
    assertThat(loaded.presentBlocks()).isEqualTo(798);
  }

  @Test
  void saysNothingWhenCutAnywhere() throws IOException {
    for (int length = 0; length < good.length; length++) {
      assertThat(load(Arrays.copyOf(good, length), KEY, SIZE).presentBlocks())
          .as("cut to %d bytes", length)
          .isZero();
    }
    assertThat(load(Arrays.copyOf(good, good.length + 1), KEY, SIZE).presentBlocks()).isZero();
  }

  @Test
  void neverMakesAnAbsentBlockPresentWhenAnyByteIsWrong() throws IOException {
    for (int at = 0; at < good.length; at++) {
      byte[] bad = good.clone();
      bad[at] ^= (byte) 0x41;
      PresenceMap loaded = load(bad, KEY, SIZE);
      assertThat(loaded.presentBlocks()).as("byte %d", at).isLessThan(798);
      assertSubset(loaded, at);
    }
  }

  @Test
  void losesOnlyTheDamagedSector() throws IOException {
    byte[] bad = good.clone();
    bad[512 + 40] ^= 1;

    PresenceMap loaded = load(bad, KEY, SIZE);

    assertThat(loaded.isPresent(4032, 4100)).isTrue();
    assertThat(loaded.nextPresent(0, 4032)).isEqualTo(4032);
    assertThat(loaded.takeChanged()).containsExactly(0);
  }

  @Test
  void isNotBelievedForAnotherBlobOrAnotherDataFile() throws IOException {
    BlobKey otherDigest = new BlobKey(Digest.of(new byte[] {2}), SIZE);
    BlobKey otherSize = new BlobKey(KEY.digest(), SIZE - 1);

    assertThat(load(good, otherDigest, SIZE).presentBlocks()).isZero();
    assertThat(load(good, otherSize, SIZE - 1).presentBlocks()).isZero();
    assertThat(load(good, KEY, SIZE - 1).presentBlocks()).isZero();
  }

  @Test
  void aSectorIsNotBelievedInAnotherPlace() throws IOException {
    byte[] bad = good.clone();
    System.arraycopy(good, 512, bad, 1024, 512);

    assertSubset(load(bad, KEY, SIZE), 1024);
  }

  @Test
  void saysNothingWhenItIsOfAnotherVersionThoughItsChecksumIsRight() throws IOException {
    for (int version : new int[] {0, 1, PresenceFile.VERSION + 1}) {
      byte[] other = good.clone();
      ByteBuffer header = ByteBuffer.wrap(other).order(ByteOrder.LITTLE_ENDIAN);
      header.putInt(8, version);
      CRC32C crc = new CRC32C();
      crc.update(header.slice(0, 104));
      header.putInt(104, (int) crc.getValue());
      assertThat(load(other, KEY, SIZE).presentBlocks()).as("version %d", version).isZero();
    }
  }

  private void assertSubset(PresenceMap loaded, int at) {
    for (int block = 0; block < 5000; block++) {
      if (loaded.isPresent(block, block + 1) && !written.isPresent(block, block + 1)) {
        throw new AssertionError("byte " + at + " made block " + block + " present");
      }
    }
  }

  private PresenceMap load(byte[] bytes, BlobKey key, long dataBytes) throws IOException {
    Path path = Files.write(directory.resolve("loaded"), bytes);
    PresenceMap map = new PresenceMap(5000);
    try (PresenceFile file = file(key, map, path)) {
      assertThat(file.load(dataBytes).state()).isEqualTo(PresenceFile.State.FILLING);
    }
    return map;
  }

  private static PresenceFile file(BlobKey key, PresenceMap map, Path path) throws IOException {
    PositionalFile positional = new PositionalFile(path, FileChannel::open);
    positional.open();
    return new PresenceFile(
        key, map, new PresenceMap(map.blocks()), positional, CrashPoint.Hook.NONE);
  }
}
