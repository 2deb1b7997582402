package io.lazerofs.snapshotter.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazerofs.fetcher.registry.Descriptor;
import io.lazerofs.source.Digest;
import io.lazerofs.verity.VerityRoot;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VerityAnnotationsTest {
  private static final String HASH = "0123456789abcdef".repeat(4);
  private static final VerityRoot ROOT = new VerityRoot(new Digest(HASH), 8192);

  @Test
  void aTreeIsReadBack() throws BadVerityAnnotationException {
    assertThat(VerityAnnotations.of(layer(ROOT.geometry().end()))).contains(ROOT);
  }

  @Test
  void aLayerWithoutAnnotationsHasNoTree() throws BadVerityAnnotationException {
    assertThat(VerityAnnotations.read(Map.of())).isEmpty();
    assertThat(VerityAnnotations.read(annotations("", ""))).isEqualTo(Optional.empty());
  }

  @ParameterizedTest
  @CsvSource({
    "'', 8192",
    "0123, 8192",
    "X123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef, 8192",
    "0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef, 8192",
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef00, 8192"
  })
  void aRootHashOfAnotherFormIsRefusedByName(String hash, String offset) {
    assertThatThrownBy(() -> VerityAnnotations.read(annotations(hash, offset)))
        .isInstanceOf(BadVerityAnnotationException.class)
        .hasMessageContaining(VerityAnnotations.ROOT_HASH);
  }

  @ParameterizedTest
  @CsvSource({
    "''",
    "0",
    "-4096",
    "+4096",
    "4097",
    "04096",
    "4096.0",
    "0x1000",
    "' 4096'",
    "1e6",
    "9223372036854775808",
    "18446744073709555712",
    "99999999999999999999999999"
  })
  void anOffsetOfAnotherFormIsRefusedByName(String offset) {
    assertThatThrownBy(() -> VerityAnnotations.read(annotations(HASH, offset)))
        .isInstanceOf(BadVerityAnnotationException.class)
        .hasMessageContaining(VerityAnnotations.HASH_OFFSET);
  }

  @Test
  void aTreeThatDoesNotEndWithTheLayerIsRefused() {
    for (long size : new long[] {0, 8192, ROOT.geometry().end() - 1, ROOT.geometry().end() + 1}) {
      assertThatThrownBy(() -> VerityAnnotations.of(layer(size)))
          .isInstanceOf(BadVerityAnnotationException.class)
          .hasMessageContaining(VerityAnnotations.HASH_OFFSET);
    }
  }

  @Test
  void whatAnAnnotationHoldsDoesNotFillTheLog() {
    assertThatThrownBy(() -> VerityAnnotations.read(annotations("\n\033".repeat(5000), "4096")))
        .hasMessageNotContainingAny("\n", "\033")
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(300));
  }

  private static Descriptor layer(long size) {
    Descriptor layer =
        Descriptor.of(LayerMediaType.EROFS.mediaType(), Digest.of(new byte[0]), size);
    return VerityAnnotations.annotate(layer, ROOT);
  }

  private static Map<String, String> annotations(String hash, String offset) {
    return Map.of(VerityAnnotations.ROOT_HASH, hash, VerityAnnotations.HASH_OFFSET, offset);
  }
}
