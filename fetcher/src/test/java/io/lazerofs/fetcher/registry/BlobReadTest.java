package io.lazerofs.fetcher.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazerofs.fetcher.http.Script;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import mockwebserver3.SocketEffect;
import okio.Buffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BlobReadTest {
  private static final byte[] CONTENT = Samples.bytes(300_000);
  private static final Descriptor BLOB = Samples.blob(CONTENT);

  private final MockWebServer storage = new MockWebServer();
  private MockRegistry registry;

  @BeforeEach
  void start() throws Exception {
    registry = new MockRegistry();
    storage.start();
  }

  @AfterEach
  void stop() {
    registry.close();
    storage.close();
  }

  private byte[] read(long offset, int length) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    registry
        .repository("app")
        .reader(BLOB)
        .read(
            offset,
            length,
            piece -> {
              byte[] bytes = new byte[piece.remaining()];
              piece.get(bytes);
              out.writeBytes(bytes);
            });
    return out.toByteArray();
  }

  private byte[] readAll() throws IOException {
    try (InputStream stream = registry.repository("app").openBlob(BLOB)) {
      return stream.readAllBytes();
    }
  }

  private static byte[] expected(int offset, int length) {
    return Arrays.copyOfRange(CONTENT, offset, offset + length);
  }

  @Test
  void rangesAreExactlyThoseAskedFor() throws Exception {
    registry.answer(request -> Script.range(request, CONTENT));
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int i = 0; i < 50; i++) {
      int offset = random.nextInt(CONTENT.length);
      int length = 1 + random.nextInt(CONTENT.length - offset);
      assertThat(read(offset, length)).as("seed %d", seed).isEqualTo(expected(offset, length));
    }
    assertThat(registry.transport.statistics().retries()).isZero();
  }

  @Test
  void aServerThatIgnoresRangesIsReadNoFurtherThanNeeded() throws Exception {
    byte[] big = new byte[20 << 20];
    System.arraycopy(CONTENT, 0, big, 0, CONTENT.length);
    Descriptor blob = Samples.blob(big);
    registry.answer(request -> Script.bytes(big));
    ByteArrayOutputStream out = new ByteArrayOutputStream();

    registry
        .repository("app")
        .reader(blob)
        .read(1000, 2000, piece -> out.write(piece.array(), piece.position(), piece.remaining()));

    assertThat(out.toByteArray()).isEqualTo(expected(1000, 2000));
    assertThat(registry.transport.statistics().bodyBytes()).isEqualTo(3000);
    assertThat(registry.transport.statistics().ignoredRanges()).isEqualTo(1);
  }

  @Test
  void anotherRangeThanAskedForIsAnError() {
    for (String range : new String[] {"bytes 0-99/300000", "bytes 100-199/5", "", "nonsense"}) {
      registry.answer(request ->
          new MockResponse.Builder()
              .code(206)
              .addHeader("Content-Range", range)
              .body(new Buffer().write(CONTENT, 100, 100))
              .build());
      assertThatThrownBy(() -> read(100, 100))
          .isInstanceOf(RegistryException.Malformed.class)
          .hasMessageContaining("Content-Range");
    }
  }

  @Test
  void anUnsatisfiableRangeIsAnError() {
    registry.answer(request -> Script.status(416));
    assertThatThrownBy(() -> read(100, 100)).isInstanceOf(RegistryException.Malformed.class);
  }

  @Test
  void aBodyThatIsTooLongIsAnErrorAndItsLastBytesAreNotHandedOut() {
    registry.answer(request ->
        new MockResponse.Builder()
            .code(206)
            .addHeader("Content-Range", "bytes 100-199/300000")
            .chunkedBody(new Buffer().write(CONTENT, 100, 101), 50)
            .build());
    AtomicInteger handedOut = new AtomicInteger();
    assertThatThrownBy(() ->
            registry
                .repository("app")
                .reader(BLOB)
                .read(100, 100, piece -> handedOut.addAndGet(piece.remaining())))
        .isInstanceOf(RegistryException.Malformed.class);
    assertThat(handedOut.get()).isLessThan(100);
  }

  @Test
  void aRangeThatBreaksOffIsContinuedWhereItWas() throws Exception {
    AtomicInteger requests = new AtomicInteger();
    registry.answer(request -> {
      MockResponse whole = Script.range(request, CONTENT);
      return requests.incrementAndGet() > 2
          ? whole
          : whole.newBuilder().onResponseBody(new SocketEffect.CloseSocket()).build();
    });
    assertThat(read(5, 290_000)).isEqualTo(expected(5, 290_000));
    assertThat(requests).hasValue(3);

    registry.next();
    RecordedRequest second = registry.next();
    assertThat(second.getHeaders().get("Range")).endsWith("-290004").isNotEqualTo("bytes=5-290004");
  }

  @Test
  void aBodyThatEndsEarlyIsContinuedToo() throws Exception {
    AtomicInteger requests = new AtomicInteger();
    registry.answer(request ->
        requests.incrementAndGet() == 1
            ? new MockResponse.Builder()
                .code(206)
                .addHeader("Content-Range", "bytes 0-999/300000")
                .chunkedBody(new Buffer().write(CONTENT, 0, 400), 100)
                .build()
            : Script.range(request, CONTENT));
    assertThat(read(0, 1000)).isEqualTo(expected(0, 1000));
    registry.next();
    assertThat(registry.next().getHeaders().get("Range")).isEqualTo("bytes=400-999");
  }

  @Test
  void aFailureOfTheSinkIsThrownOnAndNotRetried() {
    registry.answer(request -> Script.range(request, CONTENT));
    IOException full = new IOException("no space left on device");
    assertThatThrownBy(() ->
            registry
                .repository("app")
                .reader(BLOB)
                .read(
                    0,
                    1000,
                    piece -> {
                      throw full;
                    }))
        .isSameAs(full);
    assertThat(registry.server.getRequestCount()).isEqualTo(1);
  }

  @Test
  void rangesGoToTheStorageAtOnceAfterTheFirstRedirect() throws Exception {
    registry.answer(request -> Script.redirect(307, storage.url("/blob?sig=1")));
    storage.setDispatcher(new Script(request -> Script.range(request, CONTENT)));
    var reader = registry.repository("app").reader(BLOB);
    for (int i = 0; i < 5; i++) {
      reader.read(i * 100, 100, piece -> {});
    }
    assertThat(registry.server.getRequestCount()).isEqualTo(1);
    assertThat(storage.getRequestCount()).isEqualTo(5);
  }

  @Test
  void anExpiredAddressOfTheStorageIsResolvedAgain() throws Exception {
    AtomicInteger signature = new AtomicInteger(1);
    registry.answer(request -> Script.redirect(307, storage.url("/blob?sig=" + signature.get())));
    storage.setDispatcher(
        new Script(request ->
            ("sig=" + signature.get()).equals(request.getUrl().query())
                ? Script.range(request, CONTENT)
                : Script.status(403)));
    var reader = registry.repository("app").reader(BLOB);
    reader.read(0, 100, piece -> {});
    signature.incrementAndGet();
    reader.read(100, 100, piece -> {});
    reader.read(200, 100, piece -> {});
    assertThat(registry.server.getRequestCount()).isEqualTo(2);
    assertThat(storage.getRequestCount()).isEqualTo(4);
  }

  @Test
  void aStorageThatAlwaysRefusesIsAskedTwice() {
    registry.answer(request -> Script.redirect(307, storage.url("/blob?sig=secret")));
    storage.setDispatcher(new Script(request -> Script.status(403)));
    assertThatThrownBy(() -> read(0, 100))
        .isInstanceOfSatisfying(
            RegistryException.Unexpected.class, e -> assertThat(e.status()).isEqualTo(403))
        .hasMessageNotContaining("secret");
    assertThat(storage.getRequestCount()).isEqualTo(2);
  }

  @Test
  void aWholeBlobIsAskedForWithoutARangeAndVerified() throws Exception {
    registry.answer(request -> Script.range(request, CONTENT));
    assertThat(readAll()).isEqualTo(CONTENT);
    assertThat(registry.next().getHeaders().get("Range")).isNull();
  }

  @Test
  void aWholeBlobWithAFlippedByteIsADigestMismatch() {
    byte[] damaged = CONTENT.clone();
    damaged[1234] ^= 1;
    registry.answer(request -> Script.range(request, damaged));
    assertThatThrownBy(this::readAll)
        .isInstanceOfSatisfying(
            RegistryException.DigestMismatch.class,
            e -> {
              assertThat(e.expected()).isEqualTo(BLOB.digest());
              assertThat(e.actual()).isEqualTo(Samples.blob(damaged).digest());
            });
  }

  @Test
  void aWholeBlobOfAnotherSizeIsAnError() {
    registry.answer(request -> Script.bytes(new byte[5]));
    assertThatThrownBy(this::readAll)
        .isInstanceOf(RegistryException.Malformed.class)
        .hasMessageContaining("5 bytes, not 300000");
  }

  @Test
  void aMissingBlobIsToldWhenItIsOpened() {
    registry.answer(request -> Script.status(404));
    assertThatThrownBy(() -> registry.repository("app").openBlob(BLOB))
        .isInstanceOf(RegistryException.NotFound.class)
        .hasMessageContaining("app@" + BLOB.digest());
  }

  @Test
  void aBusyRegistryIsAskedAgain() throws Exception {
    AtomicInteger requests = new AtomicInteger();
    registry.answer(request ->
        requests.incrementAndGet() < 4 ? Script.status(429) : Script.range(request, CONTENT));
    assertThat(read(0, 10)).isEqualTo(expected(0, 10));
    assertThat(registry.clock.sleeps()).hasSize(3);
  }

  @Test
  void aRegistryThatIsNotThereIsUnreachable() {
    registry.server.close();
    assertThatThrownBy(() -> read(0, 10))
        .isInstanceOf(RegistryException.Unreachable.class)
        .hasMessageContaining(registry.host());
  }
}
