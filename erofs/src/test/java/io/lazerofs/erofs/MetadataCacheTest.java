package io.lazerofs.erofs;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazerofs.source.ByteSource;
import io.lazerofs.source.Waiting;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MetadataCacheTest {
  private static final int ROOMY = 8 << 20;

  /** Bytes that are copied for each read, and how many reads there were. */
  private static final class CountingSource implements ByteSource {
    private final ByteSource bytes;
    private int reads;

    CountingSource(byte[] bytes, boolean views) {
      this.bytes = new ArraySource(bytes, views);
    }

    @Override
    public long size() {
      return bytes.size();
    }

    @Override
    public void read(long offset, MemorySegment destination) throws IOException {
      reads++;
      bytes.read(offset, destination);
    }

    @Override
    public void fill(long offset, long length) {}

    @Override
    public MemorySegment memory() {
      return bytes.memory();
    }

    @Override
    public void close() {}
  }

  private static ErofsImage open(CountingSource source, MetadataCache cache) throws IOException {
    return ErofsImage.open(source, List.of(), new Caches(ClusterCache.ofBytes(ROOMY), cache));
  }

  private static void walk(ErofsImage image) throws IOException {
    for (var entry : Trees.walk(image).entrySet()) {
      image.xattrNames(entry.getValue());
      image.xattr(entry.getValue(), ListedFile.bytes("security.capability"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"plain", "block-512", "xattr-prefix", "lz4-dirs"})
  void whatWasReadOnceIsReadNoMore(String fixture) throws IOException {
    CountingSource source = new CountingSource(Fixture.named(fixture).imageBytes(), false);
    ErofsImage image = open(source, MetadataCache.ofBytes(ROOMY));
    walk(image);
    long reads = source.reads;
    Map<String, Inode> inodes = Trees.walk(image);
    walk(image);
    assertThat(source.reads).isEqualTo(reads);
    assertThat(inodes).isEqualTo(Trees.walk(Fixture.named(fixture).open()));
  }

  @Test
  void nothingIsKeptOfWhatIsMemory() throws IOException {
    CountingSource source = new CountingSource(Fixture.named("plain").imageBytes(), true);
    MetadataCache cache = MetadataCache.ofBytes(ROOMY);
    walk(open(source, cache));
    assertThat(cache.heldBytes()).isZero();
  }

  @Test
  void boundHoldsAndAnswersStayRight() throws IOException {
    byte[] bytes = Fixture.named("block-512").imageBytes();
    int bound = 20_000;
    MetadataCache cache = MetadataCache.ofBytes(bound);
    ErofsImage image = open(new CountingSource(bytes, false), cache);
    assertThat(Trees.walk(image)).isEqualTo(Trees.walk(Fixture.named("block-512").open()));
    walk(image);
    assertThat(cache.heldBytes()).isBetween(1L, (long) bound);
  }

  @Test
  void imagesThatShareACacheAreKeptApart() throws IOException {
    MetadataCache cache = MetadataCache.ofBytes(ROOMY);
    for (String name : List.of("plain", "block-512", "plain")) {
      ErofsImage image = open(new CountingSource(Fixture.named(name).imageBytes(), false), cache);
      assertThat(Trees.walk(image)).isEqualTo(Trees.walk(Fixture.named(name).open()));
    }
  }

  @Test
  void absentRecordIsLookedForAgain() throws IOException {
    AbsentSource source = new AbsentSource(Fixture.named("plain").imageBytes());
    Caches caches = new Caches(ClusterCache.ofBytes(ROOMY), MetadataCache.ofBytes(ROOMY));
    ErofsImage image = Waiting.on(() -> ErofsImage.open(source, List.of(), caches));
    Inode file = Waiting.on(() -> Trees.find(image, "/big/text"));
    int present = source.presentBytes();
    assertThat(Trees.find(image, "/big/text")).isEqualTo(file);
    assertThat(source.presentBytes()).isEqualTo(present);
  }
}
