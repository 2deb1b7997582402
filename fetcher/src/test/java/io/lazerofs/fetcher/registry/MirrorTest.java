package io.lazerofs.fetcher.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazerofs.fetcher.http.Script;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okhttp3.HttpUrl;
import okio.Buffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which host is asked for what, and how. */
class MirrorTest {
  private static final byte[] MANIFEST = "{\"layers\":[]}".getBytes(StandardCharsets.UTF_8);

  @TempDir private Path directory;
  private TwoHosts two;

  @BeforeEach
  void start() throws Exception {
    two = new TwoHosts(directory).mirrored();
  }

  @AfterEach
  void stop() {
    two.close();
  }

  private static MockResponse manifest(RecordedRequest request) {
    return new MockResponse.Builder()
        .addHeader("Content-Type", MediaTypes.OCI_MANIFEST)
        .body(new Buffer().write(MANIFEST))
        .build();
  }

  private String capabilities(String... words) {
    return "[host.\"%s\"]\ncapabilities = [\"%s\"]\n"
        .formatted(two.mirrorUrl(), String.join("\", \"", words));
  }

  @Test
  void aMirrorIsAskedFirstAndToldTheRegistry() throws Exception {
    assertThat(two.read(100, 1000)).isEqualTo(TwoHosts.expected(100, 1000));

    HttpUrl asked = Objects.requireNonNull(two.mirror.takeRequest()).getUrl();
    assertThat(asked.encodedPath()).isEqualTo("/v2/app/blobs/" + TwoHosts.BLOB.digest());
    assertThat(asked.queryParameter("ns")).isEqualTo(two.originName());
    assertThat(two.origin.getRequestCount()).isZero();
  }

  @Test
  void theRegistryItselfIsNotToldItsName() throws Exception {
    two.hosts("server = \"http://" + two.originName() + "\"");
    two.read(0, 10);
    assertThat(two.origin.takeRequest().getUrl().query()).isNull();
  }

  @Test
  void tagsAreAskedOnlyOfHostsThatMayResolveAndDigestsOfThoseThatMayPull() throws Exception {
    two.hosts(capabilities("pull"));
    two.mirror(MirrorTest::manifest);
    two.origin(MirrorTest::manifest);

    two.repository("app").resolve("latest");
    assertThat(two.mirror.getRequestCount()).isZero();
    two.repository("app").resolve(ImageStore.describe("x", MANIFEST).digest().toString());
    assertThat(two.mirror.getRequestCount()).isEqualTo(1);
    assertThat(two.origin.getRequestCount()).isEqualTo(1);
  }

  @Test
  void blobsAreNotAskedOfHostsThatMayNotPull() throws Exception {
    two.hosts(capabilities("resolve"));
    two.read(0, 10);
    assertThat(two.mirror.getRequestCount()).isZero();
  }

  @Test
  void contentIsPushedToTheFirstHostThatMayBePushedTo() throws Exception {
    two.hosts(capabilities("pull", "resolve"));
    two.origin(request -> Script.status(201));
    two.repository("app").putManifest(Document.of(MediaTypes.OCI_MANIFEST, MANIFEST), "1");
    assertThat(two.mirror.getRequestCount()).isZero();

    two.hosts("server = \"http://" + two.originName() + "\"\ncapabilities = [\"pull\"]\n");
    assertThatThrownBy(() ->
            two.repository("app").putManifest(Document.of(MediaTypes.OCI_MANIFEST, MANIFEST), "1"))
        .isInstanceOf(RegistryException.NoSource.class)
        .hasMessageContaining("pushed");
  }

  @Test
  void aManifestThatIsNotItsDigestIsAskedOfTheNextHost() throws Exception {
    two.mirror(request -> Script.bytes("{}".getBytes(StandardCharsets.UTF_8)));
    two.origin(MirrorTest::manifest);
    String digest = ImageStore.describe("x", MANIFEST).digest().toString();

    assertThat(two.repository("app").resolve(digest).bytes()).isEqualTo(MANIFEST);
    assertThat(two.registries.sources().get(two.mirrorName())).startsWith("failing: ");
  }

  @Test
  void aWholeBlobThatIsNotItsDigestIsReadAgainFromTheNextHost() throws Exception {
    byte[] wrong = TwoHosts.CONTENT.clone();
    wrong[wrong.length / 2] ^= 1;
    two.mirror(request -> Script.range(request, wrong));

    assertThat(two.repository("app").readBlob(TwoHosts.BLOB)).isEqualTo(TwoHosts.CONTENT);
    assertThat(two.mirror.getRequestCount()).isEqualTo(1);
    assertThat(two.registries.sources().get(two.mirrorName())).startsWith("failing: ");
  }

  @Test
  void aReadingThatWrongBytesBrokeBeginsAgainAndOneThatFailsForItselfDoesNot() throws Exception {
    byte[] wrong = TwoHosts.CONTENT.clone();
    wrong[0] ^= 1;
    two.mirror(request -> Script.range(request, wrong));
    List<Integer> first = new ArrayList<>();
    two.repository("app")
        .readWhole(
            TwoHosts.BLOB,
            content -> {
              first.add(content.read());
              if (first.getLast() != (TwoHosts.CONTENT[0] & 0xff)) {
                throw new IOException("cannot be unpacked");
              }
            });
    assertThat(first).containsExactly(wrong[0] & 0xff, TwoHosts.CONTENT[0] & 0xff);

    assertThatThrownBy(() ->
            two.repository("app")
                .readWhole(
                    TwoHosts.BLOB,
                    content -> {
                      throw new IOException("the disk is full");
                    }))
        .hasMessage("the disk is full");
    assertThat(two.origin.getRequestCount()).isEqualTo(2);
  }

  @Test
  void wrongBytesOfEveryHostAreSaid() throws Exception {
    byte[] wrong = TwoHosts.CONTENT.clone();
    wrong[5] ^= 1;
    two.mirror(request -> Script.range(request, wrong));
    two.origin(request -> Script.range(request, wrong));

    assertThatThrownBy(() -> two.repository("app").readBlob(TwoHosts.BLOB))
        .isInstanceOf(RegistryException.DigestMismatch.class);
    assertThat(two.mirror.getRequestCount()).isEqualTo(1);
    assertThat(two.origin.getRequestCount()).isEqualTo(1);
  }

  @Test
  void whatAMirrorDoesNotHaveIsAskedOfTheNextHostAndTheMirrorStaysWell() throws Exception {
    two.mirror(request -> Script.status(404));
    assertThat(two.read(0, 10)).isEqualTo(TwoHosts.expected(0, 10));
    two.read(10, 10);

    assertThat(two.mirror.getRequestCount()).isEqualTo(2);
    assertThat(two.clock.sleeps()).isEmpty();
    assertThat(two.registries.sources())
        .containsEntry(two.mirrorName(), "ok")
        .containsEntry(two.originName(), "ok");
  }

  @Test
  void aMirrorThatFailsIsLeftOutForAWhileAndUsedAgainWhenItIsBack() throws Exception {
    two.mirror(request -> Script.status(500));
    for (int i = 0; i < 5; i++) {
      assertThat(two.read(i, 10)).isEqualTo(TwoHosts.expected(i, 10));
    }
    assertThat(two.mirror.getRequestCount()).isEqualTo(1);
    assertThat(two.registries.sources().get(two.mirrorName())).contains("failing: ", "500");
    assertThat(two.transport.statistics().retries()).isEqualTo(1);

    two.mirror(TwoHosts::whole);
    two.clock.advance(Duration.ofSeconds(11));
    two.read(0, 10);
    two.read(0, 10);
    assertThat(two.mirror.getRequestCount()).isEqualTo(3);
    assertThat(two.registries.sources()).containsEntry(two.mirrorName(), "ok");
  }

  @Test
  void aMirrorThatIsNotThereCostsNoPause() throws Exception {
    two.mirror.close();
    assertThat(two.read(0, 100)).isEqualTo(TwoHosts.expected(0, 100));
    assertThat(two.clock.sleeps()).isEmpty();
  }

  @Test
  void aMirrorIsUsedWhenTheRegistryIsDown() throws Exception {
    two.origin.close();
    assertThat(two.read(0, 100)).isEqualTo(TwoHosts.expected(0, 100));
  }

  @Test
  void headersOfAHostAreSentToItAlone() throws Exception {
    try (MockWebServer storage = new MockWebServer()) {
      storage.start();
      storage.setDispatcher(new Script(TwoHosts::whole));
      two.hosts(
          "[host.\"%s\"]\n[host.\"%s\".header]\nx-key = \"s3cret\"\nx-two = [\"a\", \"b\"]\n"
              .formatted(two.mirrorUrl(), two.mirrorUrl()));
      two.mirror(request -> Script.redirect(307, storage.url("/blob")));
      two.read(0, 10);

      RecordedRequest asked = two.mirror.takeRequest();
      assertThat(asked.getHeaders().values("x-key")).containsExactly("s3cret");
      assertThat(asked.getHeaders().values("x-two")).containsExactly("a", "b");
      RecordedRequest redirected = storage.takeRequest();
      assertThat(redirected.getHeaders().toString()).doesNotContain("x-key", "x-two");
      assertThat(redirected.getHeaders().get("Range")).isEqualTo("bytes=0-9");
      two.mirror(request -> Script.status(500));
      two.repository("app").reader(Samples.blob(TwoHosts.CONTENT)).read(0, 10, piece -> {});
      assertThat(two.origin.takeRequest().getHeaders().get("x-key")).isNull();
    }
  }

  @Test
  void anOverriddenPathIsTakenAsItIs() throws Exception {
    two.hosts("[host.\"%sv2/up\"]\noverride_path = true\n".formatted(two.mirrorUrl()));
    two.read(0, 10);
    assertThat(two.mirror.takeRequest().getUrl().encodedPath()).startsWith("/v2/up/app/blobs/");
  }

  @Test
  void aChangedFileIsFollowedByReadersThatAreOpen() throws Exception {
    var reader = two.repository("app").reader(TwoHosts.BLOB);
    reader.read(0, 10, piece -> {});
    two.hosts("server = \"http://" + two.originName() + "\"");
    reader.read(0, 10, piece -> {});
    assertThat(two.mirror.getRequestCount()).isEqualTo(1);
    assertThat(two.origin.getRequestCount()).isEqualTo(1);
  }

  @Test
  void aFileThatCannotBeUsedIsInTheStatusAndTheLastGoodOneIsFollowed() throws Exception {
    two.read(0, 10);
    two.hosts("server = 5");
    two.read(0, 10);
    assertThat(two.mirror.getRequestCount()).isEqualTo(2);
    assertThat(two.registries.sources().get("hosts of " + two.originName()))
        .contains("hosts.toml: line 1: ");
  }

  @Test
  void severalRepositoriesThatHaveABlobAreOneSource() throws Exception {
    two.hosts("server = \"http://" + two.originName() + "\"");
    two.origin(request ->
        request.getUrl().encodedPath().startsWith("/v2/gone/")
            ? Script.status(404)
            : TwoHosts.whole(request));
    var reader =
        Registries.reader(List.of(two.repository("gone"), two.repository("app")), TwoHosts.BLOB);
    assertThat(TwoHosts.read(reader, 5, 100)).isEqualTo(TwoHosts.expected(5, 100));
    assertThatThrownBy(() -> Registries.reader(List.of(), TwoHosts.BLOB).read(0, 1, p -> {}))
        .isInstanceOf(RegistryException.NoSource.class);
  }
}
