package io.lazerofs.verity;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazerofs.verity.VerityGeometry.Place;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VerityGeometryTest {

  @ParameterizedTest
  @CsvSource({
    "1, 0, 2",
    "2, 1, 4",
    "128, 1, 130",
    "129, 2, 133",
    "16384, 2, 16514",
    "16385, 3, 16518"
  })
  void levelsAndEndFollowFromTheNumberOfBlocks(long blocks, int levels, long endBlock) {
    VerityGeometry geometry = new VerityGeometry(blocks * 4096);
    assertThat(geometry.levels()).isEqualTo(levels);
    assertThat(geometry.end()).isEqualTo(endBlock * 4096);
  }

  @Test
  void theHighestLevelComesFirst() {
    VerityGeometry geometry = new VerityGeometry(129 * 4096);
    assertThat(geometry.levelOffset(1)).isEqualTo(130 * 4096);
    assertThat(geometry.levelOffset(0)).isEqualTo(131 * 4096);
    assertThat(geometry.levelOf(128 * 4096)).isEqualTo(-1);
    assertThat(geometry.levelOf(129 * 4096)).isEqualTo(2);
    assertThat(geometry.levelOf(130 * 4096)).isEqualTo(1);
    assertThat(geometry.levelOf(132 * 4096)).isEqualTo(0);
  }

  @Test
  void aHashIsFoundByTheIndexInItsLevel() {
    VerityGeometry geometry = new VerityGeometry(129 * 4096);
    assertThat(geometry.hashOf(0)).isEqualTo(new Place(131 * 4096, 0));
    assertThat(geometry.hashOf(127 * 4096)).isEqualTo(new Place(131 * 4096, 127 * 32));
    assertThat(geometry.hashOf(128 * 4096)).isEqualTo(new Place(132 * 4096, 0));
    assertThat(geometry.hashOf(132 * 4096)).isEqualTo(new Place(130 * 4096, 32));
  }
}
