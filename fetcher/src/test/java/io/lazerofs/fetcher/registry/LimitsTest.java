package io.lazerofs.fetcher.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collections;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Documents that were made to do harm: refused with a sentence, and the largest good ones read. */
class LimitsTest {
  private static final String LAYER = Samples.blob(Samples.bytes(5)).json().toString();
  private static final String CONFIG = LAYER;

  @Test
  void anImageHasNoMoreLayersThanCanBeMounted() throws Exception {
    assertThat(manifest(copies(LAYER, Limits.LAYERS)).layers()).hasSize(Limits.LAYERS);
    refused(() -> manifest(copies(LAYER, Limits.LAYERS + 1)), "has 501 layers", "than 500");
    refused(
        () -> ImageConfig.parse(config(copies("\"" + digest() + "\"", Limits.LAYERS + 1))),
        "diff_ids",
        "501 elements");
  }

  @Test
  void anIndexHasABoundedNumberOfManifests() throws Exception {
    assertThat(index(copies(LAYER, Limits.MANIFESTS)).manifests()).hasSize(Limits.MANIFESTS);
    refused(() -> index(copies(LAYER, Limits.MANIFESTS + 1)), "manifests", "more than 4096");
  }

  @Test
  void annotationsAreBounded() throws Exception {
    assertThat(manifest(LAYER, annotations(Limits.ANNOTATIONS)).annotations())
        .hasSize(Limits.ANNOTATIONS);
    refused(() -> manifest(LAYER, annotations(Limits.ANNOTATIONS + 1)), "annotations", "more than");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-1",
        "9007199254740992", // 2^53
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551616",
        "1e3",
        "1.0",
        "\"5\"",
        "null",
        "[5]",
        "true"
      })
  void aSizeThatCannotBeOneIsRefused(String size) {
    refused(() -> manifest(LAYER.replaceFirst("\"size\":5", "\"size\":" + size)), "size");
  }

  @Test
  void theLargestSizeThatEveryJsonReaderKnowsIsRead() throws Exception {
    var layer = LAYER.replaceFirst("\"size\":5", "\"size\":9007199254740991");
    assertThat(manifest(layer).layers().getFirst().size()).isEqualTo(Limits.SIZE);
  }

  @Test
  void nestingAndNumbersAreBoundedAlsoWhereNothingIsRead() throws Exception {
    var deep = "[".repeat(100_000) + "]".repeat(100_000);
    refused(() -> manifest(LAYER, "\"future\":" + deep), "nested too deeply");
    refused(() -> ImageConfig.parse(("{\"a\":" + deep + "}").getBytes(UTF_8)), "nested too deeply");
    refused(() -> manifest(LAYER, "\"future\":" + "9".repeat(100_000)), "too long");
    var fits = "[".repeat(Limits.NESTING - 1) + "]".repeat(Limits.NESTING - 1);
    assertThat(manifest(LAYER, "\"future\":" + fits).layers()).hasSize(1);
  }

  @Test
  void aDocumentThatIsTooLargeIsNotParsed() {
    refused(() -> Document.of(MediaTypes.OCI_MANIFEST, new byte[Document.MAX_BYTES + 1]), "larger");
  }

  @Test
  void aConfigurationThatIsTooLargeIsNotAskedFor() throws Exception {
    try (var registry = new MockRegistry()) {
      var config =
          Descriptor.of(
              MediaTypes.OCI_CONFIG,
              Samples.document().digest(),
              ImageStore.MAX_BLOB_IN_MEMORY + 1);
      refused(() -> registry.repository("app").readBlob(config), "larger than");
    }
  }

  private static String digest() {
    return Samples.blob(Samples.bytes(5)).digest().toString();
  }

  private static String copies(String element, int count) {
    return String.join(",", Collections.nCopies(count, element));
  }

  private static String annotations(int count) {
    return IntStream.range(0, count)
        .mapToObj("\"k%d\":\"v\""::formatted)
        .collect(Collectors.joining(",", "\"annotations\":{", "}"));
  }

  private static Manifest manifest(String layers) throws RegistryException {
    return manifest(layers, "\"annotations\":{}");
  }

  private static Manifest manifest(String layers, String more) throws RegistryException {
    var json =
        "{\"schemaVersion\":2,\"config\":%s,\"layers\":[%s],%s}".formatted(CONFIG, layers, more);
    return Manifest.parse(Document.of(MediaTypes.OCI_MANIFEST, json.getBytes(UTF_8)));
  }

  private static Index index(String manifests) throws RegistryException {
    var json = "{\"schemaVersion\":2,\"manifests\":[" + manifests + "]}";
    return Index.parse(Document.of(MediaTypes.OCI_INDEX, json.getBytes(UTF_8)));
  }

  private static byte[] config(String diffIds) {
    return ("{\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[" + diffIds + "]}}").getBytes(UTF_8);
  }

  private static void refused(ThrowingCallable reading, String... reasons) {
    assertThatThrownBy(reading)
        .isInstanceOf(RegistryException.Malformed.class)
        .hasMessageContainingAll(reasons)
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(300));
  }
}
