package io.lazerofs.verity;

import static io.lazerofs.verity.VerityGeometry.BLOCK_BYTES;
import static io.lazerofs.verity.VerityGeometry.HASH_BYTES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazerofs.source.Digest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VerityTreeTest {
  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 127, 128, 129, 255, 256, 257, 300, 16384, 16385})
  void aTreeIsWhatHashingLevelByLevelGives(int blocks) throws IOException {
    byte[] data = data(blocks * BLOCK_BYTES);
    Path file = Files.write(directory.resolve("image"), data);

    VerityTree.Appended appended = VerityTree.append(file);

    byte[] salt = Digest.sha256().digest(data);
    List<byte[]> levels = new ArrayList<>();
    byte[] level = data;
    while (level.length > BLOCK_BYTES) {
      level = naiveLevel(salt, level);
      levels.addFirst(level);
    }
    byte[] written = Files.readAllBytes(file);
    assertThat(Arrays.copyOf(written, data.length)).isEqualTo(data);
    assertThat(Arrays.copyOfRange(written, data.length + BLOCK_BYTES, written.length))
        .isEqualTo(joined(levels));
    assertThat(appended.root())
        .isEqualTo(new VerityRoot(Digest.ofRaw(naiveHash(salt, level)), data.length));
    assertThat(appended.digest()).isEqualTo(Digest.of(written));
    assertThat((long) written.length).isEqualTo(appended.root().geometry().end());
  }

  @Test
  void theSuperblockHasTheSaltAndAUuidMadeOfIt() throws IOException {
    byte[] data = data(5 * BLOCK_BYTES);
    Path file = Files.write(directory.resolve("image"), data);
    VerityTree.append(file);

    ByteBuffer written = ByteBuffer.wrap(Files.readAllBytes(file)).position(data.length);
    VeritySuperblock superblock = VeritySuperblock.decode(written, 5);
    assertThat(superblock.salt()).isEqualTo(Digest.of(data).hex());
    assertThat(superblock.uuid().version()).isEqualTo(8);
    assertThat(superblock.uuid().variant()).isEqualTo(2);
    assertThat(superblock.uuid().toString().substring(0, 8))
        .isEqualTo(superblock.salt().substring(0, 8));
  }

  @Test
  void aFileIsPaddedToWholeBlocks() throws IOException {
    byte[] data = data(BLOCK_BYTES + 1);
    Path file = Files.write(directory.resolve("image"), data);
    VerityTree.Appended appended = VerityTree.append(file);
    assertThat(appended.root().hashOffset()).isEqualTo(2 * BLOCK_BYTES);
    assertThat(Arrays.copyOfRange(Files.readAllBytes(file), data.length, 2 * BLOCK_BYTES))
        .containsOnly(0);
  }

  @Test
  void theSameDataGivesTheSameTree() throws IOException {
    byte[] data = data(200 * BLOCK_BYTES);
    Path one = Files.write(directory.resolve("one"), data);
    Path other = Files.write(directory.resolve("other"), data);
    assertThat(VerityTree.append(one)).isEqualTo(VerityTree.append(other));
    assertThat(one).hasSameBinaryContentAs(other);
  }

  @Test
  void anEmptyFileHasNoTree() throws IOException {
    Path file = Files.createFile(directory.resolve("empty"));
    assertThatThrownBy(() -> VerityTree.append(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("empty");
    assertThat(file).isEmptyFile();
  }

  /** Returns the hashes of the blocks of a level or of data, filled up to whole blocks. */
  private static byte[] naiveLevel(byte[] salt, byte[] below) {
    int hashes = below.length / BLOCK_BYTES * HASH_BYTES;
    byte[] level = new byte[Math.ceilDiv(hashes, BLOCK_BYTES) * BLOCK_BYTES];
    for (int i = 0; i < below.length / BLOCK_BYTES; i++) {
      byte[] block = Arrays.copyOfRange(below, i * BLOCK_BYTES, (i + 1) * BLOCK_BYTES);
      System.arraycopy(naiveHash(salt, block), 0, level, i * HASH_BYTES, HASH_BYTES);
    }
    return level;
  }

  private static byte[] naiveHash(byte[] salt, byte[] block) {
    MessageDigest digest = Digest.sha256();
    digest.update(salt);
    return digest.digest(block);
  }

  private static byte[] joined(List<byte[]> parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    parts.forEach(all::writeBytes);
    return all.toByteArray();
  }

  private static byte[] data(int size) {
    byte[] data = new byte[size];
    new Random(size).nextBytes(data);
    return data;
  }

  @Test
  void aBlockMatchesItsHashAndNoOther() throws IOException {
    VeritySuperblock superblock =
        new VeritySuperblock(UUID.fromString("00000000-0000-8000-8000-000000000000"), 1, "aabb");
    byte[] block = data(BLOCK_BYTES);
    byte[] hash = naiveHash(HexFormat.of().parseHex("aabb"), block);
    ByteBuffer hashes = ByteBuffer.allocate(2 * HASH_BYTES).put(HASH_BYTES, hash);

    BlockHash blockHash = new BlockHash(superblock);
    assertThat(blockHash.of(ByteBuffer.wrap(block))).isEqualTo(Digest.ofRaw(hash));
    assertThat(blockHash.matches(ByteBuffer.wrap(block), hashes, HASH_BYTES)).isTrue();
    assertThat(blockHash.matches(ByteBuffer.wrap(block), hashes, 0)).isFalse();
    block[4095] ^= 1;
    assertThat(blockHash.matches(ByteBuffer.wrap(block), hashes, HASH_BYTES)).isFalse();
  }
}
