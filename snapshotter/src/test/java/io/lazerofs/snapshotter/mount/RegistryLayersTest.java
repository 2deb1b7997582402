package io.lazerofs.snapshotter.mount;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lazerofs.fetcher.cache.BlobCache;
import io.lazerofs.fetcher.http.HttpSettings;
import io.lazerofs.fetcher.http.HttpTransport;
import io.lazerofs.fetcher.lazy.FetchPolicy;
import io.lazerofs.fetcher.lazy.FetchStatistics;
import io.lazerofs.fetcher.lazy.LazyBlobs;
import io.lazerofs.fetcher.registry.Credentials;
import io.lazerofs.fetcher.registry.Registries;
import io.lazerofs.snapshotter.mount.LayerSource.Answer;
import io.lazerofs.snapshotter.store.LayerRecord;
import io.lazerofs.snapshotter.store.LayerRecord.Owner;
import io.lazerofs.snapshotter.store.SnapshotException.Unavailable;
import io.lazerofs.source.Digest;
import io.lazerofs.verity.VerityRoot;
import io.lazerofs.verity.VerityTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okio.Buffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RegistryLayersTest {
  private static final Digest TINY = TinyImage.digest();

  @TempDir private Path directory;
  private final MockWebServer registry = new MockWebServer();
  private final Map<String, byte[]> blobs = new ConcurrentHashMap<>();
  private final Map<String, Integer> refusals = new ConcurrentHashMap<>();
  private final HttpTransport transport =
      HttpTransport.create(HttpSettings.defaults().withDeadline(Duration.ofMillis(100)));
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private final ScheduledExecutorService scheduler = Executors.newScheduledThreadPool(1);
  private BlobCache cache;
  private RegistryLayers layers;
  private String host;

  @BeforeEach
  void serve() throws IOException {
    registry.setDispatcher(new Blobs());
    registry.start();
    host = "127.0.0.1:" + registry.getPort();
    cache = BlobCache.open(directory, scheduler, executor);
    layers = layers(Verify.WHEN_POSSIBLE);
    blobs.put("app/" + TINY, TinyImage.bytes());
  }

  @AfterEach
  void stop() throws IOException {
    cache.close();
    scheduler.shutdownNow();
    executor.close();
    transport.close();
    registry.close();
  }

  @Test
  void anErofsBlobIsOpenedLazily() throws Exception {
    assertThat(layers.open(TINY, Optional.empty(), host + "/app:1"))
        .isInstanceOf(Answer.Image.class);

    Answer.Image image = (Answer.Image) layers.open(TINY, Optional.empty(), host + "/app:1");
    try (OpenLayer layer = image.layer()) {
      assertThat(layer.owner()).isEqualTo(new Owner(1234, 5678));
      assertThat(layer.source().size()).isEqualTo(TinyImage.bytes().length);
      assertThat(layer.present().getAsLong()).isPositive();
    }
  }

  @Test
  void anyOtherBlobIsOrdinary() throws Exception {
    for (byte[] content : List.of(new byte[10_000], new byte[100], new byte[0])) {
      Digest digest = Digest.of(content);
      blobs.put("app/" + digest, content);

      assertThat(layers.open(digest, Optional.empty(), host + "/app:1"))
          .isInstanceOfSatisfying(
              Answer.Ordinary.class,
              ordinary -> assertThat(ordinary.reason()).isEqualTo(Fallback.NOT_EROFS));
    }
  }

  @Test
  void aLayerThatRequiresATreeAndHasNoneIsOrdinaryButATarArchiveIsNotBlamedForIt()
      throws Exception {
    RegistryLayers strict = layers(Verify.REQUIRE);
    Digest tar = Digest.of(new byte[10_000]);
    blobs.put("app/" + tar, new byte[10_000]);

    assertThat(reason(strict.open(TINY, Optional.empty(), host + "/app:1")))
        .isEqualTo(Fallback.UNVERIFIED);
    assertThat(reason(strict.open(tar, Optional.empty(), host + "/app:1")))
        .isEqualTo(Fallback.NOT_EROFS);
    assertThat(strict.accepts(Optional.empty())).isFalse();
    assertThatThrownBy(() -> strict.reopen(known(Optional.empty())))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no hash tree");
  }

  @Test
  void aTreeThatDoesNotEndWithTheBlobIsOrdinary() throws Exception {
    for (long offset : new long[] {8192, 12288, 1L << 40, Long.MAX_VALUE & -4096}) {
      Optional<VerityRoot> wrong = Optional.of(new VerityRoot(TINY, offset));
      assertThat(reason(layers.open(TINY, wrong, host + "/app:1"))).isEqualTo(Fallback.BAD_VERITY);
    }
  }

  @Test
  void aLayerWithATreeIsVerifiedAndOneWithoutIsWhenItIsComplete() throws Exception {
    Path file = Files.write(directory.resolve("with-tree"), TinyImage.bytes());
    VerityTree.Appended tree = VerityTree.append(file);
    blobs.put("app/" + tree.digest(), Files.readAllBytes(file));

    for (RegistryLayers source : List.of(layers, layers(Verify.REQUIRE))) {
      Answer answer = source.open(tree.digest(), Optional.of(tree.root()), host + "/app:1");
      try (OpenLayer layer = ((Answer.Image) answer).layer()) {
        assertThat(layer.verified().getAsBoolean()).isTrue();
      }
    }
    try (OpenLayer layer = layers.reopen(known(Optional.empty()))) {
      layer.source().fill(0, layer.source().size());
      await().untilAsserted(() -> assertThat(layer.verified().getAsBoolean()).isTrue());
    }
  }

  @Test
  void aLayerWithATreeWhoseFirstBytesAreHereIsOpenedWithoutTheRegistry() throws Exception {
    Path file = Files.write(directory.resolve("with-tree"), TinyImage.bytes());
    VerityTree.Appended tree = VerityTree.append(file);
    blobs.put("app/" + tree.digest(), Files.readAllBytes(file));
    String image = host + "/app:1";
    Answer first = layers.open(tree.digest(), Optional.of(tree.root()), image);
    ((Answer.Image) first).layer().close();
    registry.close();

    Answer again = layers.open(tree.digest(), Optional.of(tree.root()), image);
    try (OpenLayer layer = ((Answer.Image) again).layer()) {
      assertThat(layer.owner()).isEqualTo(new Owner(1234, 5678));
    }
  }

  @Test
  void aTreeUnderSomethingElseThanAnImageIsOrdinary() throws Exception {
    Path file = Files.write(directory.resolve("no-image"), new byte[10 * 4096]);
    VerityTree.Appended tree = VerityTree.append(file);
    blobs.put("app/" + tree.digest(), Files.readAllBytes(file));

    assertThat(reason(layers.open(tree.digest(), Optional.of(tree.root()), host + "/app:1")))
        .isEqualTo(Fallback.NOT_EROFS);
  }

  private RegistryLayers layers(Verify verify) {
    return new RegistryLayers(
        new Registries(transport, Credentials.none(), InstantSource.system()),
        new LazyBlobs(cache, FetchPolicy.DEFAULT, executor, new FetchStatistics()),
        verify);
  }

  private LayerRecord known(Optional<VerityRoot> verity) {
    return new LayerRecord(
        1,
        1,
        TINY,
        TinyImage.bytes().length,
        verity,
        new Owner(0, 0),
        List.of(host + "/gone:1", host + "/app:1"));
  }

  private static Fallback reason(Answer answer) {
    return ((Answer.Ordinary) answer).reason();
  }

  @Test
  void aRefusalIsOrdinaryAndNamesTheRegistry() throws Exception {
    for (int status : List.of(401, 403)) {
      refusals.put("app/" + TINY, status);

      assertThat(layers.open(TINY, Optional.empty(), host + "/app:1"))
          .isInstanceOfSatisfying(
              Answer.Ordinary.class,
              ordinary -> {
                assertThat(ordinary.reason()).isEqualTo(Fallback.REFUSED);
                assertThat(ordinary.detail()).contains(host);
              });
    }
  }

  @Test
  void aMissingBlobAndABrokenRegistryAreUnavailableInOneLine() {
    for (int status : List.of(404, 500)) {
      refusals.put("app/" + TINY, status);

      assertThatThrownBy(() -> layers.open(TINY, Optional.empty(), host + "/app:1"))
          .isInstanceOf(Unavailable.class)
          .hasMessageContaining(TINY.toString())
          .hasMessageNotContaining("\n");
    }
  }

  @Test
  void aLabelDoesNotMakeTheDaemonReadALocalDirectory() throws Exception {
    for (String image : List.of("oci:" + directory, "oci:/etc:1", "../..", "")) {
      assertThat(layers.open(TINY, Optional.empty(), image))
          .isInstanceOfSatisfying(
              Answer.Ordinary.class,
              ordinary -> assertThat(ordinary.reason()).isEqualTo(Fallback.UNSUPPORTED_NAME));
    }
  }

  @Test
  void aKnownLayerIsReadFromAnyImageThatHasIt() throws Exception {
    try (OpenLayer layer = layers.reopen(known(Optional.empty()))) {
      assertThat(layer.owner()).isEqualTo(new Owner(1234, 5678));
    }
  }

  @Test
  void aLayerThatIsPresentNeedsNoRegistryToBeOpenedAgain() throws Exception {
    LayerRecord known = known(Optional.empty());
    layers.reopen(known).close();
    registry.close();

    try (OpenLayer layer = layers.reopen(known)) {
      assertThat(layer.owner()).isEqualTo(new Owner(1234, 5678));
    }
  }

  /** Serves blobs, whole and in ranges. */
  private final class Blobs extends Dispatcher {
    private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-(\\d+)");

    @Override
    public MockResponse dispatch(RecordedRequest request) {
      String path = request.getUrl().encodedPath();
      String name = path.replace("/v2/", "").replace("/blobs/", "/").replace("%3A", ":");
      int refusal = refusals.getOrDefault(name, blobs.containsKey(name) ? 200 : 404);
      if (refusal != 200) {
        return new MockResponse.Builder().code(refusal).build();
      }
      byte[] blob = Objects.requireNonNull(blobs.get(name));
      if (request.getMethod().equals("HEAD")) {
        return new MockResponse.Builder().setHeader("Content-Length", blob.length).build();
      }
      String range = request.getHeaders().get("Range");
      Matcher matcher = RANGE.matcher(range == null ? "" : range);
      if (!matcher.matches()) {
        return new MockResponse.Builder().code(200).body(new Buffer().write(blob)).build();
      }
      int from = Integer.parseInt(matcher.group(1));
      int to = Integer.parseInt(matcher.group(2));
      return new MockResponse.Builder()
          .code(206)
          .setHeader("Content-Range", "bytes %d-%d/%d".formatted(from, to, blob.length))
          .body(new Buffer().write(blob, from, to - from + 1))
          .build();
    }
  }
}
