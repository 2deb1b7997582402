package io.lazerofs.snapshotter.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazerofs.erofs.ErofsImage;
import io.lazerofs.erofs.write.WriteOptions;
import io.lazerofs.fetcher.registry.Descriptor;
import io.lazerofs.fetcher.registry.Document;
import io.lazerofs.fetcher.registry.MediaTypes;
import io.lazerofs.fetcher.registry.Platform;
import io.lazerofs.fetcher.registry.RegistryException;
import io.lazerofs.snapshotter.mount.TinyImage;
import io.lazerofs.snapshotter.progress.Progress;
import io.lazerofs.source.Digest;
import io.lazerofs.source.MappedSource;
import io.lazerofs.verity.HashTree;
import io.lazerofs.verity.VerityRoot;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageConverterTest {
  @TempDir Path directory;
  private Layout source;
  private Layout destination;
  private Path temporary;

  @BeforeEach
  void makeLayouts() throws IOException {
    source = new Layout(directory.resolve("source"));
    destination = new Layout(directory.resolve("destination"));
    temporary = Files.createDirectory(directory.resolve("temporary"));
  }

  @AfterEach
  void nothingTemporaryIsLeft() throws IOException {
    try (var files = Files.list(temporary)) {
      assertThat(files).isEmpty();
    }
  }

  private Document convert(LayerMediaType mediaType, Platform... platforms) throws IOException {
    return new ImageConverter(
            source.store,
            destination.store,
            mediaType,
            WriteOptions.defaults(),
            temporary,
            2,
            Progress.NONE)
        .convert("app", "app", List.of(platforms));
  }

  private static JsonNode json(Document document) throws IOException {
    return Layout.JSON.readTree(document.bytes());
  }

  @Test
  void aLayerBecomesAnErofsImageWhoseDiffIdIsItsDigest() throws IOException {
    source.putImage("app", Layout.tar("etc/motd", "hello"));

    JsonNode manifest = json(convert(LayerMediaType.EROFS));

    JsonNode layer = manifest.path("layers").path(0);
    assertThat(layer.path("mediaType").asText()).isEqualTo("application/vnd.erofs.layer.v1");
    ObjectNode config = destination.read(manifest.path("config").path("digest").asText());
    assertThat(config.path("rootfs").path("diff_ids").path(0)).isEqualTo(layer.path("digest"));
    assertThat(config.path("os.features").path(0).asText()).isEqualTo("erofs");
    try (MappedSource image =
        MappedSource.open(destination.blobFile(layer.path("digest").asText()))) {
      ErofsImage erofs = ErofsImage.open(image, List.of());
      assertThat(erofs.lookup(erofs.inode(erofs.rootNid()), bytes("etc"))).isPresent();
    }
  }

  @Test
  void aLayerEndsWithAHashTreeThatItsAnnotationsName() throws IOException {
    source.putImage("app", Layout.tar("etc/motd", "hello"));

    JsonNode layer = json(convert(LayerMediaType.EROFS)).path("layers").path(0);

    VerityRoot annotated = VerityAnnotations.of(Descriptor.parse(layer)).orElseThrow();
    try (MappedSource image =
        MappedSource.open(destination.blobFile(layer.path("digest").asText()))) {
      long end = ErofsImage.open(image, List.of()).superblock().byteSize();
      assertThat(HashTree.after(image, end).orElseThrow().root()).isEqualTo(annotated);
    }
  }

  @Test
  void anErofsLayerIsCarriedWithTheAnnotationsThatItHas() throws IOException {
    source.putImage("app", Layout.tar("etc/motd", "hello"));
    JsonNode made = json(convert(LayerMediaType.EROFS)).path("layers").path(0);
    byte[] image = Files.readAllBytes(destination.blobFile(made.path("digest").asText()));
    ObjectNode with = source.blob(LayerMediaType.EROFS.mediaType(), image);
    with.set("annotations", made.path("annotations"));
    ObjectNode without = source.blob(LayerMediaType.EROFS.mediaType(), TinyImage.bytes());
    source.put(
        source.manifest(
            Layout.config("amd64", Digest.of(image), TinyImage.digest()), with, without),
        "app");

    JsonNode layers = json(convert(LayerMediaType.OCI)).path("layers");

    assertThat(layers.path(0).path("digest")).isEqualTo(made.path("digest"));
    assertThat(layers.path(0).path("annotations")).isEqualTo(made.path("annotations"));
    assertThat(layers.path(1).path("digest").asText()).isEqualTo(TinyImage.digest().toString());
    assertThat(layers.path(1).has("annotations")).isFalse();
  }

  @Test
  void theLayerMediaTypeChangesNothingButItself() throws IOException {
    source.putImage("app", Layout.tar("etc/motd", "hello"));

    JsonNode erofs = json(convert(LayerMediaType.EROFS)).path("layers").path(0);
    JsonNode oci = json(convert(LayerMediaType.OCI)).path("layers").path(0);

    assertThat(oci.path("mediaType").asText())
        .isEqualTo("application/vnd.oci.image.layer.v1.erofs");
    assertThat(oci.path("digest")).isEqualTo(erofs.path("digest"));
  }

  @Test
  void convertingAgainGivesTheSameManifest() throws IOException {
    source.putImage("app", Layout.tar("etc/motd", "hello"));
    Document first = convert(LayerMediaType.EROFS);

    Document second = convert(LayerMediaType.EROFS);
    Document ofConverted =
        new ImageConverter(
                destination.store,
                destination.store,
                LayerMediaType.EROFS,
                WriteOptions.defaults(),
                temporary,
                1,
                Progress.NONE)
            .convert("app", "again", List.of());

    assertThat(second.digest()).isEqualTo(first.digest());
    assertThat(ofConverted.digest()).isEqualTo(first.digest());
  }

  @Test
  void fieldsThatNobodyKnowsStay() throws IOException {
    byte[] tar = Layout.tar("a", "1");
    ObjectNode config = Layout.config("amd64", Digest.of(tar)).put("x-config", 1);
    config.putArray("history").addObject().put("created_by", "test").put("x-step", 2);
    ObjectNode layer = source.blob(Layout.TAR_GZIP, Layout.gzip(tar)).put("x-layer", 3);
    layer.putObject("annotations").put("org.example.note", "kept");
    source.put(source.manifest(config, layer).put("x-manifest", 4), "app");

    JsonNode manifest = json(convert(LayerMediaType.EROFS));

    assertThat(manifest.path("x-manifest").asInt()).isEqualTo(4);
    JsonNode newLayer = manifest.path("layers").path(0);
    assertThat(newLayer.path("x-layer").asInt()).isEqualTo(3);
    assertThat(newLayer.path("annotations").path("org.example.note").asText()).isEqualTo("kept");
    ObjectNode newConfig = destination.read(manifest.path("config").path("digest").asText());
    assertThat(newConfig.path("x-config").asInt()).isEqualTo(1);
    assertThat(newConfig.path("history")).isEqualTo(config.path("history"));
  }

  @Test
  void whatDescribedTheOldBytesGoes() throws IOException {
    byte[] tar = Layout.tar("a", "1");
    ObjectNode layer = source.blob(Layout.TAR_GZIP, Layout.gzip(tar)).put("data", "AAAA");
    layer.putArray("urls").add("https://example.org/layer");
    layer.putObject("annotations").put("containerd.io/snapshot/stargz/toc.digest", "sha256:0");
    source.put(source.manifest(Layout.config("amd64", Digest.of(tar)), layer), "app");

    JsonNode converted = json(convert(LayerMediaType.EROFS)).path("layers").path(0);

    assertThat(converted.has("data")).isFalse();
    assertThat(converted.has("urls")).isFalse();
    assertThat(converted.path("annotations").properties().stream().map(Map.Entry::getKey))
        .containsExactlyInAnyOrder(VerityAnnotations.ROOT_HASH, VerityAnnotations.HASH_OFFSET);
  }

  @Test
  void dockersTypesBecomeOcis() throws IOException {
    byte[] tar = Layout.tar("a", "1");
    ObjectNode manifest =
        source.manifest(
            Layout.config("amd64", Digest.of(tar)),
            source.blob("application/vnd.docker.image.rootfs.diff.tar.gzip", Layout.gzip(tar)));
    manifest.put("mediaType", MediaTypes.DOCKER_MANIFEST);
    ((ObjectNode) manifest.path("config"))
        .put("mediaType", "application/vnd.docker.container.image.v1+json");
    source.put(manifest, "app");

    JsonNode converted = json(convert(LayerMediaType.EROFS));

    assertThat(converted.path("mediaType").asText()).isEqualTo(MediaTypes.OCI_MANIFEST);
    assertThat(converted.path("config").path("mediaType").asText())
        .isEqualTo(MediaTypes.OCI_CONFIG);
  }

  @Test
  void everyPlatformIsConvertedAndAnAttestationCarriedThrough() throws IOException {
    ObjectNode attestation = putIndexOfThree();

    JsonNode index = json(convert(LayerMediaType.EROFS));

    assertThat(index.path("manifests")).hasSize(3);
    JsonNode amd64 = index.path("manifests").path(0);
    JsonNode arm64 = index.path("manifests").path(1);
    assertThat(amd64.path("platform").path("os.features").path(0).asText()).isEqualTo("erofs");
    assertThat(destination.read(amd64.path("digest").asText()).path("layers"))
        .isEqualTo(destination.read(arm64.path("digest").asText()).path("layers"));
    assertThat(index.path("manifests").path(2)).hasToString(attestation.toString());
    assertThat(destination.blobFile(attestation.path("digest").asText())).exists();
  }

  @Test
  void aPlatformThatIsNamedIsTheOnlyOneConverted() throws IOException {
    putIndexOfThree();

    JsonNode index = json(convert(LayerMediaType.EROFS, Platform.parse("linux/arm64")));

    assertThat(index.path("manifests")).hasSize(1);
    assertThat(index.path("manifests").path(0).path("platform").path("architecture").asText())
        .isEqualTo("arm64");
  }

  @Test
  void aPlatformThatIsNotThereIsSaid() throws IOException {
    putIndexOfThree();

    assertThatThrownBy(() -> convert(LayerMediaType.EROFS, Platform.parse("linux/s390x")))
        .isInstanceOf(ConversionException.class)
        .hasMessageContaining("linux/s390x");
  }

  @Test
  void layersThatCannotBeConvertedAreNamedBeforeAnyWork() throws IOException {
    byte[] bytes = bytes("secret");
    ObjectNode layer = source.blob(Layout.TAR_GZIP + "+encrypted", bytes);
    source.put(source.manifest(Layout.config("amd64", Digest.of(bytes)), layer), "app");

    assertThatThrownBy(() -> convert(LayerMediaType.EROFS))
        .isInstanceOf(ConversionException.class)
        .hasMessageContaining(Digest.of(bytes).toString())
        .hasMessageContaining("+encrypted")
        .hasMessageContaining("decrypt");
    assertThat(destination.directory).doesNotExist();
  }

  @Test
  void aLayerThatUnpacksToOtherBytesIsRefused() throws IOException {
    byte[] tar = Layout.tar("a", "1");
    Digest other = Digest.of(bytes("other"));
    source.put(
        source.manifest(
            Layout.config("amd64", other), source.blob(Layout.TAR_GZIP, Layout.gzip(tar))),
        "app");

    assertThatThrownBy(() -> convert(LayerMediaType.EROFS))
        .isInstanceOf(ConversionException.class)
        .hasMessageContaining(other.toString())
        .hasMessageContaining(Digest.of(tar).toString());
    assertNothingTagged();
  }

  @Test
  void aDamagedBlobIsRefused() throws IOException {
    byte[] tar = Layout.tar("a", "1");
    ObjectNode layer = source.blob("application/vnd.oci.image.layer.v1.tar", tar);
    source.put(source.manifest(Layout.config("amd64", Digest.of(tar)), layer), "app");
    byte[] damaged = tar.clone();
    damaged[600] ^= 1;
    Files.write(source.blobFile(layer.path("digest").asText()), damaged);

    assertThatThrownBy(() -> convert(LayerMediaType.EROFS))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(layer.path("digest").asText());
    assertNothingTagged();
  }

  @Test
  void anArchiveThatEndsEarlyIsRefused() throws IOException {
    source.putImage("app", Arrays.copyOf(Layout.tar("a", "x".repeat(2000)), 1000));

    assertThatThrownBy(() -> convert(LayerMediaType.EROFS)).isInstanceOf(ConversionException.class);
    assertNothingTagged();
  }

  @Test
  void anArchiveThatEscapesItsRootIsRefused() throws IOException {
    source.putImage("app", Layout.tar("../../etc/passwd", "x"));

    assertThatThrownBy(() -> convert(LayerMediaType.EROFS)).isInstanceOf(ConversionException.class);
    assertNothingTagged();
  }

  private void assertNothingTagged() {
    assertThatThrownBy(() -> destination.store.resolve("app"))
        .isInstanceOf(RegistryException.NotFound.class);
  }

  /** Puts images for two platforms with one layer, and an attestation; returns its descriptor. */
  private ObjectNode putIndexOfThree() throws IOException {
    byte[] tar = Layout.tar("a", "1");
    ObjectNode index = Layout.JSON.createObjectNode().put("schemaVersion", 2);
    index.put("mediaType", MediaTypes.OCI_INDEX);
    var manifests = index.putArray("manifests");
    for (String architecture : List.of("amd64", "arm64")) {
      ObjectNode layer = source.blob(Layout.TAR_GZIP, Layout.gzip(tar));
      ObjectNode entry =
          source.put(source.manifest(Layout.config(architecture, Digest.of(tar)), layer), "");
      entry.putObject("platform").put("os", "linux").put("architecture", architecture);
      manifests.add(entry);
    }
    ObjectNode statement = source.blob("application/vnd.in-toto+json", bytes("{}"));
    ObjectNode attestation =
        source.put(
            source.manifest(Layout.config("unknown", Digest.of(bytes("{}"))), statement), "");
    attestation.putObject("platform").put("os", "unknown").put("architecture", "unknown");
    manifests.add(attestation);
    source.put(index, "app");
    return attestation;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
