package io.lazerofs.fetcher.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazerofs.source.Digest;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ManifestTest {
  private static final Descriptor LAYER = Samples.blob(Samples.bytes(5));

  @Test
  void fieldsThatAreNotKnownSurviveARewrite() throws Exception {
    Manifest manifest = Manifest.parse(Samples.document());
    Document rewritten =
        manifest
            .with(
                MediaTypes.OCI_MANIFEST,
                manifest.config(),
                List.of(
                    manifest
                        .layers()
                        .getFirst()
                        .withContent("application/x-erofs", Digest.of(new byte[1]), 1)
                        .withAnnotation("k", "v")))
            .withAnnotation("c", "d")
            .document();

    assertThat(new String(rewritten.bytes(), UTF_8))
        .contains("\"future\":{\"x\":[1,2.50]}", "\"artifactType\":\"application/x-unknown\"");
    Manifest again = Manifest.parse(Document.of("", rewritten.bytes()));
    assertThat(again.annotations()).containsEntry("a", "b").containsEntry("c", "d");
    assertThat(again.layers().getFirst().annotations()).containsEntry("k", "v");
    assertThat(again.document().digest()).isEqualTo(rewritten.digest());
  }

  @Test
  void aConfigurationKeepsItsFieldsToo() throws Exception {
    Digest id = Digest.of(new byte[3]);
    byte[] bytes =
        """
        {"architecture":"arm64","variant":"v8","os":"linux","config":{"Env":["A=b"]},
         "rootfs":{"type":"layers","diff_ids":["%s"]},
         "history":[{"created_by":"RUN x"},{"empty_layer":true,"comment":"c"}]}\
        """
            .formatted(id)
            .getBytes(UTF_8);
    ImageConfig config = ImageConfig.parse(bytes);
    assertThat(config.diffIds()).containsExactly(id);
    assertThat(config.history())
        .containsExactly(
            new ImageConfig.History("RUN x", false), new ImageConfig.History("", true));

    ImageConfig other = config.withDiffIds(List.of()).withOsFeature("erofs");
    assertThat(other.platform()).hasToString("linux/arm64/v8[erofs]");
    assertThat(new String(other.bytes(), UTF_8))
        .contains("\"Env\":[\"A=b\"]", "\"comment\":\"c\"", "\"type\":\"layers\"")
        .doesNotContain(id.hex());
  }

  @Test
  void theBestManifestForAMachineIsChosen() throws Exception {
    Descriptor plain = entry("linux/amd64", 1);
    Descriptor erofs =
        entry("linux/amd64", 2)
            .withPlatform(Platform.parse("linux/amd64").withOsFeatures(Set.of("erofs")));
    Index index =
        Index.parse(
                Document.of(
                    MediaTypes.OCI_INDEX, "{\"schemaVersion\":2,\"manifests\":[]}".getBytes(UTF_8)))
            .with(
                MediaTypes.OCI_INDEX,
                List.of(
                    Samples.blob(Samples.bytes(9)),
                    entry("windows/amd64", 3),
                    plain,
                    erofs,
                    entry("linux/amd64/v3", 4),
                    entry("linux/arm/v5", 5),
                    entry("linux/arm/v7", 6),
                    entry("linux/arm64", 7)));

    Platform amd64 = Platform.linux("amd64");
    assertThat(index.choose(amd64)).contains(plain);
    assertThat(index.choose(amd64.withOsFeatures(Set.of("erofs")))).contains(erofs);
    assertThat(index.choose(Platform.parse("linux/amd64/v4"))).contains(entry("linux/amd64/v3", 4));
    assertThat(index.choose(Platform.parse("linux/arm/v6"))).contains(entry("linux/arm/v5", 5));
    assertThat(index.choose(Platform.linux("aarch64"))).contains(entry("linux/arm64", 7));
    assertThat(index.choose(Platform.linux("riscv64"))).isEmpty();
  }

  private static Descriptor entry(String platform, int seed) {
    return Descriptor.of(MediaTypes.OCI_MANIFEST, Digest.of(new byte[seed]), seed)
        .withPlatform(Platform.parse(platform));
  }

  @Test
  void documentsThatCannotBeTrustedAreRefused() {
    refused("nothing", "not JSON");
    refused("[]", "not a JSON object");
    refused("{\"layers\":[],\"layers\":[]}", "not JSON");
    refused("{\"layers\":[],\"manifests\":[]}", "both manifests and layers");
    refused("{\"schemaVersion\":1,\"mediaType\":\"application/x-old\"}", "application/x-old");
    refused("{\"manifests\":[]}", "no manifest or index");
    refused("{\"config\":{},\"layers\":[]}", "'mediaType'");
    refused("{\"config\":" + LAYER.json() + ",\"layers\":{}}", "not an array");
    refused("{\"config\":" + LAYER.json().put("digest", "sha512:00") + "}", "only sha256 is known");
    refused("{\"config\":" + LAYER.json().put("digest", "sha256:../../x") + "}", "digest");
    refused("{\"config\":" + LAYER.json().put("size", -1) + "}", "'size'");
    refused("{\"config\":" + LAYER.json().put("size", 1e30) + "}", "'size'");
    refused(" ".repeat(Document.MAX_BYTES + 1), "larger than");
  }

  private static void refused(String json, String reason) {
    assertThatThrownBy(
            () -> Manifest.parse(Document.of(MediaTypes.OCI_MANIFEST, json.getBytes(UTF_8))))
        .isInstanceOf(RegistryException.Malformed.class)
        .hasMessageContaining(reason);
  }
}
