package io.lazerofs.erofs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lazerofs.erofs.disk.Superblock;
import io.lazerofs.source.AbsentException;
import io.lazerofs.source.ByteSource;
import io.lazerofs.source.Waiting;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An image of which nothing is present reads the same, and only what is needed is brought in. */
class LazyImageTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "plain",
        "block-512",
        "chunk-blobdev",
        "tar-index",
        "xattr-prefix",
        "lz4",
        "lz4-dirs",
        "lz4-everything",
        "multi-algorithm",
        "48bit-zstd"
      })
  void absentImageReadsAsListed(String name) throws IOException {
    Fixture fixture = Fixture.named(name);
    AbsentSource primary = new AbsentSource(fixture.imageBytes());
    List<ByteSource> devices = new ArrayList<>();
    for (byte[] device : fixture.deviceBytes()) {
      devices.add(new AbsentSource(device));
    }
    ErofsImage lazy = Waiting.on(() -> ErofsImage.open(primary, devices));
    ErofsImage whole = fixture.open();
    Map<String, Inode> inodes = Trees.walk(whole);
    assertThat(Trees.walk(lazy)).isEqualTo(inodes);
    for (var entry : inodes.entrySet()) {
      ListedFile expected = ListedFile.of(whole, entry.getKey(), entry.getValue());
      assertThat(Waiting.on(() -> ListedFile.of(lazy, entry.getKey(), entry.getValue())))
          .isEqualTo(expected);
    }
  }

  @Test
  void openingAsksForTheSuperblocksBlockAndTheRootOnly() throws IOException {
    AbsentSource source = new AbsentSource(Fixture.named("plain").imageBytes());
    assertThatExceptionOfType(AbsentException.class)
        .isThrownBy(() -> ErofsImage.open(source, List.of()));
    Waiting.on(() -> ErofsImage.open(source, List.of()));
    assertThat(source.presentBytes()).isEqualTo(4096 - Superblock.OFFSET);
  }

  @Test
  void readingAFileAsksForNothingButItsPathAndItsBytes() throws IOException {
    AbsentSource source = new AbsentSource(Fixture.named("plain").imageBytes());
    ErofsImage image = Waiting.on(() -> ErofsImage.open(source, List.of()));
    Inode file = Waiting.on(() -> Trees.find(image, "/big/text"));
    // Two directories and three inodes.
    assertThat(source.presentBytes()).isLessThan(4096 - Superblock.OFFSET + 2 * 4096 + 3 * 64);

    int path = source.presentBytes();
    int fills = source.fills();
    byte[] part = new byte[5000];
    assertThat(Waiting.on(() -> image.read(file, 100_000, MemorySegment.ofArray(part))))
        .isEqualTo(part.length);
    assertThat(source.presentBytes()).isEqualTo(path + part.length);
    assertThat(source.fills()).isEqualTo(fills + 1);
  }

  @Test
  void lookupAmongManyNamesTouchesFewBlocks() throws IOException {
    Fixture fixture = Fixture.named("block-512");
    ErofsImage whole = fixture.open();
    Inode largest = whole.inode(whole.rootNid());
    for (Inode inode : Trees.walk(whole).values()) {
      if (inode.isDirectory() && inode.size() > largest.size()) {
        largest = inode;
      }
    }
    Inode directory = largest;
    int blocks = (int) (directory.size() / 512) + 1;
    assertThat(blocks).isGreaterThan(20);
    AbsentSource source = new AbsentSource(fixture.imageBytes());
    ErofsImage image = Waiting.on(() -> ErofsImage.open(source, List.of()));
    int before = source.fills();
    List<Trees.Entry> entries = Trees.list(whole, directory, 0);
    String name = entries.get(entries.size() / 3).name();
    assertThat(Waiting.on(() -> image.lookup(directory, ListedFile.bytes(name)))).isPresent();
    int probes = Integer.SIZE - Integer.numberOfLeadingZeros(blocks);
    assertThat(source.fills() - before).isBetween(1, probes);
  }
}
