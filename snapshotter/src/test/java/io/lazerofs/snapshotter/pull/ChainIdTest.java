package io.lazerofs.snapshotter.pull;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazerofs.source.Digest;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChainIdTest {
  private static final Digest BASE =
      Digest.parse("sha256:6fe05fae44385de3d88f2ce2915347abc38b51fb5134ab9e6719e5833fd1c8cb");
  private static final Digest TOP =
      Digest.parse("sha256:c88ca4a39b1fff24eb161460e4e690d67cacbe93056edf3ab14de7ec9eda981f");

  @Test
  void theLowestLayersIsItsDiffId() {
    assertThat(ChainId.of(List.of(BASE))).containsExactly(BASE);
  }

  @Test
  void theOthersAreThoseThatContainerdComputes() {
    // containerd 1.6 unpacked these two layers to a snapshot of this name.
    assertThat(ChainId.of(List.of(BASE, TOP)))
        .containsExactly(
            BASE,
            Digest.parse(
                "sha256:4f58e0ed28eb4b1b9327d7f195e206bbcabb4451936e0efdf9a23daf79aa9354"));
  }

  @Test
  void anImageWithoutLayersHasNone() {
    assertThat(ChainId.of(List.of())).isEmpty();
  }
}
