package io.lazerofs.fetcher.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazerofs.fetcher.http.Script;
import io.lazerofs.source.Digest;
import java.io.FileNotFoundException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import mockwebserver3.MockResponse;
import mockwebserver3.RecordedRequest;
import okio.Buffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RegistryRepositoryTest {
  private static final byte[] CONTENT = Samples.bytes(200_000);
  private static final Descriptor BLOB = Samples.blob(CONTENT);

  private MockRegistry registry;

  @BeforeEach
  void start() throws Exception {
    registry = new MockRegistry();
  }

  @AfterEach
  void stop() {
    registry.close();
  }

  private static MockResponse manifest(byte[] bytes) {
    return new MockResponse.Builder()
        .addHeader("Content-Type", MediaTypes.OCI_MANIFEST + "; charset=utf-8")
        .addHeader("Docker-Content-Digest", Digest.of(new byte[0]))
        .body(new Buffer().write(bytes))
        .build();
  }

  @Test
  void aManifestIsGotByTagAndItsDigestIsThatOfItsBytes() throws Exception {
    Document sample = Samples.document();
    registry.answer(request -> manifest(sample.bytes()));
    Document document = registry.repository("team/app").resolve("1.0");

    assertThat(document.digest()).isEqualTo(sample.digest());
    RecordedRequest request = registry.next();
    assertThat(request.getTarget()).isEqualTo("/v2/team/app/manifests/1.0");
    assertThat(request.getHeaders().get("Accept"))
        .contains(
            MediaTypes.OCI_INDEX,
            MediaTypes.OCI_MANIFEST,
            MediaTypes.DOCKER_INDEX,
            MediaTypes.DOCKER_MANIFEST);
  }

  @Test
  void aManifestWithAnotherDigestThanAskedForIsRefused() throws Exception {
    Document sample = Samples.document();
    registry.answer(request -> manifest(sample.bytes()));
    Digest other = Digest.of(new byte[7]);
    assertThatThrownBy(() -> registry.repository("app").resolve(other.toString()))
        .isInstanceOfSatisfying(
            RegistryException.DigestMismatch.class,
            e -> {
              assertThat(e.expected()).isEqualTo(other);
              assertThat(e.actual()).isEqualTo(sample.digest());
            });
  }

  @Test
  void aManifestBeyondTheLimitIsNotReadOn() {
    registry.answer(request -> manifest(new byte[20 << 20]));
    assertThatThrownBy(() -> registry.repository("app").resolve("latest"))
        .isInstanceOf(RegistryException.Malformed.class);
    assertThat(registry.transport.statistics().bodyBytes()).isLessThan(5 << 20);
  }

  @Test
  void aMissingManifestIsNamed() {
    registry.answer(request -> Script.status(404));
    assertThatThrownBy(() -> registry.repository("app").resolve("nope"))
        .isInstanceOf(RegistryException.NotFound.class)
        .hasMessageContaining(registry.host() + "/app:nope");
  }

  @ParameterizedTest
  @ValueSource(strings = {"../x", "a/b", "sha256:12", ""})
  void aReferenceThatIsNoneNeverReachesTheRegistry(String reference) {
    assertThatThrownBy(() -> registry.repository("app").resolve(reference))
        .isInstanceOf(RegistryException.InvalidName.class);
    assertThat(registry.server.getRequestCount()).isZero();
  }

  /** A registry that takes uploads; their addresses are relative or absolute. */
  private MockResponse uploads(RecordedRequest request, boolean absolute) {
    String location = "/v2/app/blobs/uploads/1?_state=x";
    return switch (request.getMethod()) {
      case "HEAD" -> Script.status(404);
      case "POST" ->
          new MockResponse.Builder()
              .code(202)
              .addHeader("Location", absolute ? registry.server.url(location) : location)
              .build();
      default -> Script.status(201);
    };
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aBlobIsPushedFromAFile(boolean absolute, @TempDir Path directory) throws Exception {
    Path file = Files.write(directory.resolve("layer"), CONTENT);
    registry.answer(request -> uploads(request, absolute));

    registry.repository("app").putBlob(BLOB, ImageStore.Content.of(file));

    registry.next();
    registry.next();
    RecordedRequest put = registry.next();
    assertThat(put.getMethod()).isEqualTo("PUT");
    assertThat(put.getUrl().queryParameter("_state")).isEqualTo("x");
    assertThat(put.getUrl().queryParameter("digest")).isEqualTo(BLOB.digest().toString());
    assertThat(MockRegistry.body(put)).isEqualTo(CONTENT);
  }

  @Test
  void aBlobThatIsThereIsNotPushed() throws Exception {
    registry.answer(request -> Script.status(200));
    registry
        .repository("app")
        .putBlob(
            BLOB,
            () -> {
              throw new AssertionError("opened");
            });
    assertThat(registry.server.getRequestCount()).isEqualTo(1);
  }

  @Test
  void anUploadThatFailsIsBegunAgain() throws Exception {
    AtomicInteger puts = new AtomicInteger();
    registry.answer(request ->
        request.getMethod().equals("PUT") && puts.incrementAndGet() < 3
            ? Script.status(502)
            : uploads(request, false));
    registry.repository("app").putBlob(BLOB, ImageStore.Content.of(CONTENT));
    assertThat(puts).hasValue(3);
  }

  @Test
  void contentThatIsNotTheBlobIsRefusedAndNotRetried() {
    registry.answer(request -> uploads(request, false));
    ImageStore.Content other = ImageStore.Content.of(new byte[CONTENT.length]);
    assertThatThrownBy(() -> registry.repository("app").putBlob(BLOB, other))
        .isInstanceOf(RegistryException.DigestMismatch.class);
    ImageStore.Content shorter = ImageStore.Content.of(new byte[10]);
    assertThatThrownBy(() -> registry.repository("app").putBlob(BLOB, shorter))
        .isInstanceOf(RegistryException.SizeMismatch.class);
    ImageStore.Content missing =
        () -> {
          throw new FileNotFoundException("gone");
        };
    assertThatThrownBy(() -> registry.repository("app").putBlob(BLOB, missing))
        .isInstanceOf(FileNotFoundException.class);
    assertThat(registry.clock.sleeps()).isEmpty();
  }

  @Test
  void aBlobOfAnotherRepositoryIsMounted() throws Exception {
    registry.answer(request -> Script.status(201));
    assertThat(registry.repository("app").mountBlob(BLOB, registry.repository("base"))).isTrue();
    RecordedRequest post = registry.next();
    assertThat(post.getMethod()).isEqualTo("POST");
    assertThat(post.getUrl().queryParameter("mount")).isEqualTo(BLOB.digest().toString());
    assertThat(post.getUrl().queryParameter("from")).isEqualTo("base");
  }

  @Test
  void aMountThatBecameAnUploadIsCancelled() throws Exception {
    registry.answer(request -> uploads(request, false));
    assertThat(registry.repository("app").mountBlob(BLOB, registry.repository("base"))).isFalse();
    registry.next();
    assertThat(registry.next().getMethod()).isEqualTo("DELETE");
  }

  @Test
  void aManifestIsPutByTagWithItsType() throws Exception {
    registry.answer(request -> Script.status(201));
    Document document = Samples.document();
    registry.repository("app").putManifest(document, "2.0");
    RecordedRequest put = registry.next();
    assertThat(put.getTarget()).isEqualTo("/v2/app/manifests/2.0");
    assertThat(put.getHeaders().get("Content-Type")).isEqualTo(MediaTypes.OCI_MANIFEST);
    assertThat(MockRegistry.body(put)).isEqualTo(document.bytes());
  }
}
