package io.lazerofs.snapshotter.prefetch;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazerofs.erofs.disk.Superblock;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class MetadataRegionTest {
  private static final int BLOCK = 4096;

  private static Superblock superblock(long blocks, long metaBlock) {
    return new Superblock(
        0,
        0,
        12,
        0,
        2,
        10,
        0,
        0,
        blocks,
        metaBlock,
        0,
        new UUID(0, 0),
        "",
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0);
  }

  @Test
  void metadataThatLiesTogetherIsKnownFromTheSuperblock() {
    assertThat(MetadataRegion.of(superblock(1000, 900), 1010L * BLOCK))
        .contains(new MetadataRegion(900L * BLOCK, 100L * BLOCK));
  }

  @Test
  void anImageWhoseMetadataIsAnywhereHasNoRegion() {
    assertThat(MetadataRegion.of(superblock(1000, 0), 1000L * BLOCK)).isEmpty();
  }

  @Test
  void noMoreThanAQuarterOfABlobIsFetchedForItsMetadata() {
    assertThat(MetadataRegion.of(superblock(1000, 200), 1000L * BLOCK))
        .contains(new MetadataRegion(200L * BLOCK, 250L * BLOCK));
    assertThat(MetadataRegion.of(superblock(3, 1), 3L * BLOCK)).isEmpty();
  }

  @Test
  void noMoreThanFourMebibytesAreFetched() {
    assertThat(MetadataRegion.of(superblock(1 << 20, 1 << 19), (long) BLOCK << 20))
        .contains(new MetadataRegion((long) BLOCK << 19, 4 << 20));
  }

  @Test
  void aSuperblockThatPointsBehindItsBlobHasNoRegion() {
    assertThat(MetadataRegion.of(superblock(1000, 900), 800L * BLOCK)).isEmpty();
    assertThat(MetadataRegion.of(superblock(Long.MAX_VALUE, Long.MAX_VALUE), 800L * BLOCK))
        .isEmpty();
    assertThat(MetadataRegion.of(superblock(-1, -1), 800L * BLOCK)).isEmpty();
  }
}
