package io.lazerofs.erofs.write;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class StoredBlocksTest {
  private static final long SEED = 20_261_122L;

  @Test
  void everyHashKeepsItsValueWhileTheTableGrows() {
    System.out.println("seed " + SEED);
    Random random = new Random(SEED);
    StoredBlocks stored = new StoredBlocks();
    Map<ContentHash, Long> expected = new HashMap<>();
    for (int i = 0; i < 20_000; i++) {
      // A few bits, so that hashes meet in one slot, in their first half, or in their second.
      ContentHash hash =
          new ContentHash((long) random.nextInt(300) << random.nextInt(50), random.nextInt(300));
      Long present = expected.get(hash);
      assertThat(stored.get(hash))
          .isEqualTo(present == null ? OptionalLong.empty() : OptionalLong.of(present));
      if (present == null) {
        stored.put(hash, i);
        expected.put(hash, (long) i);
      }
    }
    expected.forEach((hash, value) -> assertThat(stored.get(hash)).hasValue(value));
  }

  @Test
  void theFirstBlockAndTheLastAreValues() {
    StoredBlocks stored = new StoredBlocks();
    Place last = new Place(0xffff_ffffL, Extents.MAX_BLOCKS);
    stored.put(new ContentHash(-1, -1), 0);
    stored.put(new ContentHash(-1, 0), last.pack());
    assertThat(stored.get(new ContentHash(-1, -1))).hasValue(0);
    assertThat(Place.unpack(stored.get(new ContentHash(-1, 0)).orElseThrow())).isEqualTo(last);
    assertThat(stored.get(new ContentHash(0, -1))).isEmpty();
  }
}
