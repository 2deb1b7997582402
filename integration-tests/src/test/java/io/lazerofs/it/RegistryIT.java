package io.lazerofs.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lazerofs.fetcher.http.HttpSettings;
import io.lazerofs.fetcher.http.HttpTransport;
import io.lazerofs.fetcher.lazy.RangeReader;
import io.lazerofs.fetcher.registry.Credential;
import io.lazerofs.fetcher.registry.Credentials;
import io.lazerofs.fetcher.registry.Descriptor;
import io.lazerofs.fetcher.registry.Document;
import io.lazerofs.fetcher.registry.ImageLocation;
import io.lazerofs.fetcher.registry.ImageStore;
import io.lazerofs.fetcher.registry.ImageStore.Content;
import io.lazerofs.fetcher.registry.Index;
import io.lazerofs.fetcher.registry.Manifest;
import io.lazerofs.fetcher.registry.MediaTypes;
import io.lazerofs.fetcher.registry.Platform;
import io.lazerofs.fetcher.registry.Registries;
import io.lazerofs.fetcher.registry.RegistryException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The registry client against Debian's docker-registry, with and without basic authentication. */
class RegistryIT {
  private static final Credential LOGIN = new Credential("user", "open sesame");

  /** {@link #LOGIN} as {@code htpasswd -B} writes it. */
  private static final String HTPASSWD =
      "user:$2b$05$sc73VbpXRrObU4M4idnJ3OPJOEEubjVBGKI/ugETNWuQrwxoSRtpa";

  private static final Pattern LISTENING = Pattern.compile("listening on (127\\.0\\.0\\.1:\\d+)");
  private static final byte[] LAYER = bytes(3_000_000);
  private static final byte[] CONFIG =
      "{\"architecture\":\"amd64\",\"os\":\"linux\"}".getBytes(UTF_8);
  private static final Descriptor LAYER_BLOB =
      ImageStore.describe("application/vnd.oci.image.layer.v1.tar", LAYER);
  private static final Descriptor CONFIG_BLOB = ImageStore.describe(MediaTypes.OCI_CONFIG, CONFIG);

  private final HttpTransport transport =
      HttpTransport.create(HttpSettings.defaults().withDeadline(Duration.ofSeconds(5)));
  @TempDir private Path directory;
  private Optional<Process> process = Optional.empty();
  private String host = "";

  private static byte[] bytes(int size) {
    byte[] bytes = new byte[size];
    new Random(7).nextBytes(bytes);
    return bytes;
  }

  private void start(boolean login, boolean relativeUrls) throws IOException {
    Path htpasswd = Files.writeString(directory.resolve("htpasswd"), HTPASSWD + "\n");
    Path log = directory.resolve("log");
    Path config =
        Files.writeString(
            directory.resolve("config.yml"),
            """
            version: 0.1
            log: { accesslog: { disabled: true } }
            storage: { filesystem: { rootdirectory: %s } }
            http: { addr: "127.0.0.1:0", relativeurls: %s }
            """
                    .formatted(directory.resolve("blobs"), relativeUrls)
                + (login ? "auth: { htpasswd: { realm: test, path: %s } }\n" : "")
                    .formatted(htpasswd));
    Process started =
        new ProcessBuilder("docker-registry", "serve", config.toString())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    process = Optional.of(started);
    host =
        await("docker-registry to listen")
            .atMost(Duration.ofSeconds(20))
            .failFast("docker-registry ended", () -> !started.isAlive())
            .until(() -> listening(Files.readString(log)), address -> !address.isEmpty());
  }

  private static String listening(String log) {
    Matcher matcher = LISTENING.matcher(log);
    return matcher.find() ? matcher.group(1) : "";
  }

  @AfterEach
  void stop() throws InterruptedException {
    transport.close();
    if (process.isPresent()) {
      process.get().destroy();
      assertThat(process.get().waitFor(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  private ImageLocation image(String name, Credentials credentials) throws RegistryException {
    return new Registries(transport, credentials, InstantSource.system()).open(host + "/" + name);
  }

  private static Document push(ImageLocation image) throws IOException {
    ImageStore store = image.store();
    store.putBlob(LAYER_BLOB, Content.of(LAYER));
    store.putBlob(CONFIG_BLOB, Content.of(CONFIG));
    Document document =
        Document.of(
            MediaTypes.OCI_MANIFEST,
            "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":%s,\"layers\":[%s],\"x-new\":[1]}"
                .formatted(MediaTypes.OCI_MANIFEST, CONFIG_BLOB.json(), LAYER_BLOB.json())
                .getBytes(UTF_8));
    store.putManifest(document, image.reference());
    return document;
  }

  private static byte[] read(RangeReader reader, long offset, long length) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    reader.read(
        offset,
        length,
        piece -> {
          byte[] bytes = new byte[piece.remaining()];
          piece.get(bytes);
          out.writeBytes(bytes);
        });
    return out.toByteArray();
  }

  @ParameterizedTest(name = "with a login: {0}")
  @ValueSource(booleans = {false, true})
  void whatIsPushedIsPulledWholeAndInRanges(boolean login) throws Exception {
    start(login, !login);
    ImageLocation image = image("team/app:1", (h, name) -> login ? List.of(LOGIN) : List.of());
    Document pushed = push(image);

    Document pulled = image.resolve();
    assertThat(pulled.digest()).isEqualTo(pushed.digest());
    assertThat(image.store().resolve(pushed.digest().toString()).bytes()).isEqualTo(pushed.bytes());
    Manifest manifest = Manifest.parse(pulled);
    assertThat(image.store().readBlob(manifest.config())).isEqualTo(CONFIG);
    assertThat(image.store().readBlob(manifest.layers().getFirst())).isEqualTo(LAYER);

    RangeReader reader = image.store().reader(LAYER_BLOB);
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int i = 0; i < 100; i++) {
      int offset = random.nextInt(LAYER.length);
      int length = 1 + random.nextInt(Math.min(200_000, LAYER.length - offset));
      assertThat(read(reader, offset, length))
          .as("seed %d, %d bytes at %d", seed, length, offset)
          .isEqualTo(Arrays.copyOfRange(LAYER, offset, offset + length));
    }
    assertThat(transport.statistics().ignoredRanges()).isZero();
    assertThat(transport.statistics().retries()).isZero();
  }

  @Test
  void blobsThatAreThereAreNeitherPushedNorReadAgain() throws Exception {
    start(false, false);
    push(image("app:1", Credentials.none()));
    long before = transport.statistics().requests();
    push(image("app:2", Credentials.none()));
    assertThat(transport.statistics().requests() - before).as("two HEADs and a PUT").isEqualTo(3);

    ImageStore other = image("other:1", Credentials.none()).store();
    assertThat(other.hasBlob(LAYER_BLOB)).isFalse();
    assertThat(other.mountBlob(LAYER_BLOB, image("app:1", Credentials.none()).store())).isTrue();
    assertThat(other.hasBlob(LAYER_BLOB)).isTrue();
  }

  @Test
  void anIndexIsPushedAndChosenFrom() throws Exception {
    start(false, false);
    ImageLocation image = image("app:multi", Credentials.none());
    Document manifest = push(image);
    Index index =
        Index.parse(
                Document.of(
                    MediaTypes.OCI_INDEX, "{\"schemaVersion\":2,\"manifests\":[]}".getBytes(UTF_8)))
            .with(
                MediaTypes.OCI_INDEX,
                List.of(manifest.descriptor().withPlatform(Platform.parse("linux/amd64"))));
    image.store().putManifest(index.document(), image.reference());

    Document pulled = image.resolve();
    assertThat(pulled.isIndex()).isTrue();
    assertThat(Index.parse(pulled).choose(Platform.linux("amd64")))
        .map(Descriptor::digest)
        .contains(manifest.digest());
  }

  @Test
  void anImageGoesToALayoutAndBack() throws Exception {
    start(false, true);
    ImageLocation source = image("app:1", Credentials.none());
    push(source);
    ImageLocation layout =
        new Registries(transport, Credentials.none(), InstantSource.system())
            .open("oci:" + directory.resolve("layout") + ":1");
    ImageLocation back = image("back:1", Credentials.none());
    copy(source, layout);
    copy(layout, back);
    assertThat(back.resolve().bytes()).isEqualTo(source.resolve().bytes());
    assertThat(back.store().readBlob(LAYER_BLOB)).isEqualTo(LAYER);
  }

  private static void copy(ImageLocation from, ImageLocation to) throws IOException {
    Document document = from.resolve();
    Manifest manifest = Manifest.parse(document);
    for (Descriptor layer : manifest.layers()) {
      to.store().putBlob(layer, () -> from.store().openBlob(layer));
    }
    to.store().putBlob(manifest.config(), () -> from.store().openBlob(manifest.config()));
    to.store().putManifest(document, to.reference());
  }

  @Test
  void whatIsMissingIsNotFound() throws Exception {
    start(false, false);
    ImageLocation image = image("app:1", Credentials.none());
    push(image);
    assertThatThrownBy(() -> image.store().resolve("2"))
        .isInstanceOf(RegistryException.NotFound.class);
    Descriptor missing = ImageStore.describe("application/x-none", bytes(3));
    assertThatThrownBy(() -> image.store().openBlob(missing))
        .isInstanceOf(RegistryException.NotFound.class);
    assertThatThrownBy(() -> read(image.store().reader(missing), 0, 1))
        .isInstanceOf(RegistryException.NotFound.class);
  }

  @Test
  void aWrongPasswordAndNoneAreRefused() throws Exception {
    start(true, false);
    push(image("app:1", (h, name) -> List.of(LOGIN)));
    Credential wrong = new Credential("user", "let me in");
    for (Credentials credentials :
        List.of(Credentials.none(), (Credentials) (h, name) -> List.of(wrong))) {
      assertThatThrownBy(() -> image("app:1", credentials).resolve())
          .isInstanceOf(RegistryException.Unauthorized.class)
          .hasMessageContaining("docker login " + host)
          .hasMessageNotContaining("let me in");
    }
  }
}
