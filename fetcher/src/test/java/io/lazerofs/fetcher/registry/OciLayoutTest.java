package io.lazerofs.fetcher.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OciLayoutTest {
  private static final byte[] CONTENT = Samples.bytes(200_000);
  private static final Descriptor BLOB = Samples.blob(CONTENT);

  @TempDir private Path directory;
  private OciLayout layout;

  @BeforeEach
  void create() {
    layout = new OciLayout(directory.resolve("layout"));
  }

  @Test
  void whatIsPutIsThereAgain() throws Exception {
    Document document = Samples.document();
    assertThat(layout.hasBlob(BLOB)).isFalse();
    layout.putBlob(BLOB, ImageStore.Content.of(CONTENT));
    layout.putManifest(document, "latest");

    assertThat(layout.hasBlob(BLOB)).isTrue();
    assertThat(layout.readBlob(BLOB)).isEqualTo(CONTENT);
    assertThat(layout.resolve("latest").bytes()).isEqualTo(document.bytes());
    assertThat(layout.resolve(document.digest().toString()).mediaType())
        .isEqualTo(MediaTypes.OCI_MANIFEST);
    assertThat(directory.resolve("layout/oci-layout"))
        .hasContent("{\"imageLayoutVersion\":\"1.0.0\"}");
    try (Stream<Path> files = Files.walk(directory)) {
      assertThat(files.filter(file -> file.getFileName().toString().startsWith("."))).isEmpty();
    }
  }

  @Test
  void aTagMovesAndTheOthersStayWithFieldsNotKnown() throws Exception {
    Path root = Files.createDirectories(directory.resolve("layout"));
    Files.writeString(
        root.resolve("index.json"),
        "{\"schemaVersion\":2,\"future\":1,\"manifests\":[%s]}"
            .formatted(BLOB.withAnnotation("org.opencontainers.image.ref.name", "other").json()));
    layout.putManifest(Samples.document(), "a");
    Document second = Manifest.parse(Samples.document()).withAnnotation("x", "y").document();
    layout.putManifest(second, "a");

    assertThat(layout.resolve("a").digest()).isEqualTo(second.digest());
    assertThat(Files.readString(root.resolve("index.json")))
        .contains("\"future\":1", "\"other\"")
        .containsOnlyOnce("\"a\"");
  }

  @Test
  void rangesAreRead() throws Exception {
    layout.putBlob(BLOB, ImageStore.Content.of(CONTENT));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    layout
        .reader(BLOB)
        .read(100, 150_000, piece -> out.write(piece.array(), piece.position(), piece.remaining()));
    assertThat(out.toByteArray()).isEqualTo(Arrays.copyOfRange(CONTENT, 100, 150_100));
  }

  @Test
  void whatIsNotThereIsNamed() throws Exception {
    assertThatThrownBy(() -> layout.resolve("latest"))
        .isInstanceOf(RegistryException.NotFound.class)
        .hasMessageContaining("there is no image");
    layout.putManifest(Samples.document(), "v1");
    assertThatThrownBy(() -> layout.resolve("v2"))
        .isInstanceOf(RegistryException.NotFound.class)
        .hasMessageContaining("it has v1");
    assertThatThrownBy(() -> layout.openBlob(BLOB)).isInstanceOf(RegistryException.NotFound.class);
  }

  @Test
  void damagedFilesAreFound() throws Exception {
    layout.putBlob(BLOB, ImageStore.Content.of(CONTENT));
    layout.putManifest(Samples.document(), "a");
    Path blobs = directory.resolve("layout/blobs/sha256");
    Files.write(blobs.resolve(BLOB.digest().hex()), new byte[CONTENT.length]);
    Files.write(blobs.resolve(Samples.document().digest().hex()), "{}".getBytes(UTF_8));

    assertThatThrownBy(() -> layout.readBlob(BLOB))
        .isInstanceOf(RegistryException.DigestMismatch.class);
    assertThatThrownBy(() -> layout.resolve("a"))
        .isInstanceOf(RegistryException.DigestMismatch.class);
  }

  @Test
  void contentThatIsNotTheBlobLeavesNothing() throws Exception {
    assertThatThrownBy(() -> layout.putBlob(BLOB, ImageStore.Content.of(new byte[CONTENT.length])))
        .isInstanceOf(RegistryException.DigestMismatch.class);
    try (Stream<Path> files = Files.walk(directory)) {
      assertThat(files.filter(Files::isRegularFile)).isEmpty();
    }
  }
}
