package io.lazerofs.fetcher.trace;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazerofs.fetcher.http.HttpSettings;
import io.lazerofs.fetcher.http.HttpTransport;
import io.lazerofs.fetcher.http.Script;
import io.lazerofs.fetcher.registry.Credentials;
import io.lazerofs.fetcher.registry.Document;
import io.lazerofs.fetcher.registry.MediaTypes;
import io.lazerofs.fetcher.registry.Registries;
import io.lazerofs.fetcher.registry.RegistryRepository;
import io.lazerofs.source.Digest;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Traces beside images, in a registry that lists referrers and in one that does not. */
class TraceStoreTest {
  private static final Instant MONDAY = Instant.parse("2026-03-02T10:00:00.5Z");
  private static final Instant TUESDAY = Instant.parse("2026-03-03T10:00:00Z");

  private final MockWebServer server = new MockWebServer();
  private final Map<String, byte[]> manifests = new ConcurrentHashMap<>();
  private final Map<String, byte[]> blobs = new ConcurrentHashMap<>();
  private final List<String> listed = new ArrayList<>();
  private boolean lists;
  private boolean pages;
  private HttpTransport transport;
  private TraceStore store;
  private Document image;

  @BeforeEach
  void start() throws IOException {
    server.setDispatcher(new Script(this::answer));
    server.start();
    transport = HttpTransport.create(HttpSettings.defaults());
    Registries registries = new Registries(transport, Credentials.none(), InstantSource.system());
    store =
        new TraceStore(
            (RegistryRepository)
                registries.open(server.getHostName() + ":" + server.getPort() + "/app").store());
    image =
        Document.of(
            MediaTypes.OCI_MANIFEST,
            "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":{},\"layers\":[]}"
                .formatted(MediaTypes.OCI_MANIFEST)
                .getBytes(UTF_8));
  }

  @AfterEach
  void stop() {
    transport.close();
    server.close();
  }

  private Trace trace(long offset) {
    return new Trace(
        image.digest(), List.of(Digest.of(new byte[1])), List.of(new Trace.Range(0, offset, 4096)));
  }

  /** Plays as much of a registry as traces need. */
  private MockResponse answer(RecordedRequest request) {
    String target = Objects.requireNonNull(request.getTarget());
    String path = target.replaceFirst("\\?.*", "");
    String name = path.substring(path.lastIndexOf('/') + 1);
    byte[] body = request.getBody() == null ? new byte[0] : request.getBody().toByteArray();
    if (path.contains("/referrers/")) {
      return lists ? page(target) : Script.status(404);
    }
    if (path.endsWith("/blobs/uploads/")) {
      return new MockResponse.Builder().code(202).addHeader("Location", "/session").build();
    }
    if (path.equals("/session")) {
      blobs.put(Digest.of(body).toString(), body);
      return Script.status(201);
    }
    boolean isManifest = path.contains("/manifests/");
    if (request.getMethod().equals("PUT")) {
      manifests.put(name, body);
      MockResponse.Builder created = new MockResponse.Builder().code(201);
      return (lists ? created.addHeader("OCI-Subject", image.digest()) : created).build();
    }
    byte[] found = (isManifest ? manifests : blobs).get(name);
    if (found == null) {
      return Script.status(404);
    }
    boolean isIndex = isManifest && name.startsWith("sha256-");
    return Script.bytes(found)
        .newBuilder()
        .addHeader("Content-Type", isIndex ? MediaTypes.OCI_INDEX : MediaTypes.OCI_MANIFEST)
        .build();
  }

  /** Answers with all that is listed, or one entry a page. */
  private MockResponse page(String target) {
    int first = target.contains("page=") ? Integer.parseInt(target.replaceFirst(".*page=", "")) : 0;
    List<String> entries = pages && !listed.isEmpty() ? listed.subList(first, first + 1) : listed;
    MockResponse.Builder answer =
        new MockResponse.Builder()
            .addHeader("Content-Type", MediaTypes.OCI_INDEX)
            .body(
                "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[%s]}"
                    .formatted(MediaTypes.OCI_INDEX, String.join(",", entries)));
    if (pages && first + 1 < listed.size()) {
      answer.addHeader("Link", "</v2/app/referrers/x?page=" + (first + 1) + ">; rel=\"next\"");
    }
    return answer.build();
  }

  private String entry(Digest manifest, String type, Instant created) {
    return """
    {"mediaType":"%s","digest":"%s","size":%d,"artifactType":"%s",
     "annotations":{"org.opencontainers.image.created":"%s"}}\
    """
        .formatted(
            MediaTypes.OCI_MANIFEST,
            manifest,
            Objects.requireNonNull(manifests.get(manifest.toString())).length,
            type,
            created);
  }

  @Test
  void withoutAListOfReferrersATraceIsFoundByTheTagOfItsImage() throws IOException {
    assertThat(store.find(image.digest())).isEmpty();
    store.put(image, trace(0), MONDAY);
    assertThat(manifests).containsKey("sha256-" + image.digest().hex());
    assertThat(store.find(image.digest())).isEqualTo(Optional.of(trace(0)));
  }

  @Test
  void underATagANewTraceTakesThePlaceOfTheOldAndOtherArtifactsStay() throws IOException {
    Digest first = store.put(image, trace(0), MONDAY);
    String tag = "sha256-" + image.digest().hex();
    String before = new String(manifests.get(tag), UTF_8);
    assertThat(before).contains(first.toString(), "2026-03-02T10:00:00Z");
    String signature = entry(first, "application/x-signature", TUESDAY);
    manifests.put(tag, before.replace("]", "," + signature + "]").getBytes(UTF_8));
    Digest second = store.put(image, trace(8192), TUESDAY);
    assertThat(new String(manifests.get(tag), UTF_8))
        .contains(second.toString(), "application/x-signature")
        .doesNotContain("2026-03-02T10:00:00Z");
    assertThat(store.find(image.digest())).isEqualTo(Optional.of(trace(8192)));
  }

  @Test
  void theArtifactRefersToTheImageAndHasNoConfiguration() throws IOException {
    Digest artifact = store.put(image, trace(0), MONDAY);
    assertThat(new String(manifests.get(artifact.toString()), UTF_8))
        .contains(
            "\"artifactType\":\"application/vnd.lazerofs.trace.v1+json\"",
            "\"config\":{\"mediaType\":\"application/vnd.oci.empty.v1+json\"",
            "\"subject\":{\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"digest\":\""
                + image.digest());
  }

  @Test
  void withAListOfReferrersNoTagIsWrittenAndTheNewestTraceWins() throws IOException {
    lists = true;
    Digest newer = store.put(image, trace(8192), TUESDAY);
    Digest older = store.put(image, trace(0), MONDAY);
    Digest other = store.put(image, trace(4096), TUESDAY.plusSeconds(9));
    assertThat(manifests).doesNotContainKey("sha256-" + image.digest().hex());
    listed.add(entry(newer, TraceFormat.MEDIA_TYPE, TUESDAY));
    listed.add(entry(older, TraceFormat.MEDIA_TYPE, MONDAY));
    // A registry may ignore the filter.
    listed.add(entry(other, "application/x-signature", TUESDAY.plusSeconds(9)));
    assertThat(store.find(image.digest())).isEqualTo(Optional.of(trace(8192)));
  }

  @Test
  void aListOfSeveralPagesIsReadToItsEnd() throws IOException {
    lists = true;
    pages = true;
    listed.add(entry(store.put(image, trace(0), MONDAY), TraceFormat.MEDIA_TYPE, MONDAY));
    listed.add(entry(store.put(image, trace(4096), TUESDAY), TraceFormat.MEDIA_TYPE, TUESDAY));
    assertThat(store.find(image.digest())).isEqualTo(Optional.of(trace(4096)));
  }

  @Test
  void aListOfVeryManyReferrersIsRefusedAndOthersOfItDoNotCount() throws IOException {
    lists = true;
    Digest trace = store.put(image, trace(0), MONDAY);
    for (int i = 0; i < 1025; i++) {
      listed.add(entry(trace, "application/x-signature", MONDAY));
    }
    listed.add(entry(trace, TraceFormat.MEDIA_TYPE, MONDAY));
    assertThat(store.find(image.digest())).isEqualTo(Optional.of(trace(0)));
    for (int i = 0; i < 1024; i++) {
      listed.add(entry(trace, TraceFormat.MEDIA_TYPE, MONDAY));
    }
    assertThatThrownBy(() -> store.find(image.digest())).hasMessageContaining("more than 1024");
  }

  @Test
  void aTraceOfAnotherImageIsRefused() throws IOException {
    store.put(image, trace(0), MONDAY);
    Digest other = Digest.of(new byte[] {9});
    manifests.put("sha256-" + other.hex(), manifests.get("sha256-" + image.digest().hex()));
    assertThatThrownBy(() -> store.find(other))
        .isInstanceOf(InvalidTraceException.class)
        .hasMessageContaining(other.toString());
    assertThatThrownBy(() -> store.put(image, new Trace(other, List.of(), List.of()), MONDAY))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
