package io.lazerofs.fetcher.registry;

import static io.lazerofs.fetcher.registry.TwoHosts.expected;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazerofs.fetcher.cache.WrongBytesException;
import io.lazerofs.fetcher.http.Script;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import mockwebserver3.SocketEffect;
import okio.Buffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Reads of ranges from hosts that fail in every way that the network knows. */
class FailingHostsTest {
  @TempDir private Path directory;
  private TwoHosts two;

  @BeforeEach
  void start() throws Exception {
    two = new TwoHosts(directory);
  }

  @AfterEach
  void stop() {
    two.close();
  }

  /** A way to answer a request for a range that is of no use, or of use in part only. */
  enum Failure {
    BUSY(request -> Script.status(429)),
    TIMED_OUT(request -> Script.status(408)),
    BROKEN(request -> Script.status(500)),
    BAD_GATEWAY(request -> Script.status(502)),
    UNAVAILABLE(request -> Script.status(503)),
    GATEWAY_TIMED_OUT(request -> Script.status(504)),
    HANGS_UP(request ->
        new MockResponse.Builder().onResponseStart(new SocketEffect.CloseSocket()).build()),
    RESET_IN_THE_BODY(request ->
        TwoHosts.whole(request)
            .newBuilder()
            .onResponseBody(new SocketEffect.CloseSocket())
            .build()),
    STALLS_BEFORE_THE_HEADERS(
        request -> new MockResponse.Builder().onResponseStart(SocketEffect.Stall.INSTANCE).build()),
    STALLS_IN_THE_BODY(request ->
        TwoHosts.whole(request).newBuilder().onResponseBody(SocketEffect.Stall.INSTANCE).build()),
    TRUNCATED(request -> part(request, 0, -70, "")),
    TOO_LONG(request -> part(request, 0, 70, "")),
    ANOTHER_RANGE(request -> part(request, 1, 0, "")),
    ANOTHER_SIZE(request -> part(request, 0, 0, "9")),
    MULTIPART(request ->
        TwoHosts.whole(request)
            .newBuilder()
            .setHeader("Content-Type", "multipart/byteranges; boundary=x")
            .build()),
    REDIRECT_IN_CIRCLES(request -> Script.redirect(302, "/v2/")),
    REDIRECT_NOWHERE(request -> Script.status(302)),
    NO_HTTP(request -> new MockResponse.Builder().status("garbage").body("x").build());

    private final Function<RecordedRequest, MockResponse> answer;

    Failure(Function<RecordedRequest, MockResponse> answer) {
      this.answer = answer;
    }

    /** Returns a part that is shifted, longer or shorter by some bytes, chunked. */
    private static MockResponse part(RecordedRequest request, int shift, int more, String size) {
      String[] ends =
          String.valueOf(request.getHeaders().get("Range"))
              .substring("bytes=".length())
              .split("-", 2);
      int from = Integer.parseInt(ends[0]) + shift;
      int to = Integer.parseInt(ends[1]) + shift;
      return new MockResponse.Builder()
          .code(206)
          .addHeader("Content-Range", "bytes " + from + "-" + to + "/300000" + size)
          .chunkedBody(new Buffer().write(TwoHosts.CONTENT, from, to - from + 1 + more), 100)
          .build();
    }
  }

  @ParameterizedTest
  @EnumSource(Failure.class)
  void theRegistryGoesOnWhereItsMirrorFails(Failure failure) throws Exception {
    two.mirrored().mirror(failure.answer);

    assertThat(two.read(1000, 200_000)).isEqualTo(expected(1000, 200_000));
    assertThat(two.clock.sleeps()).isEmpty();
    assertThat(two.registries.sources().get(two.mirrorName())).startsWith("failing: ");
  }

  @ParameterizedTest
  @EnumSource(Failure.class)
  void theOnlyHostIsAskedAgainUntilItAnswers(Failure failure) throws Exception {
    AtomicInteger requests = new AtomicInteger();
    two.origin(request ->
        requests.incrementAndGet() < 4 ? failure.answer.apply(request) : TwoHosts.whole(request));

    assertThat(two.read(1000, 200_000)).isEqualTo(expected(1000, 200_000));
    assertThat(two.registries.sources()).containsEntry(two.originName(), "ok");
  }

  @ParameterizedTest
  @EnumSource(
      value = Failure.class,
      names = {"BUSY", "UNAVAILABLE", "HANGS_UP", "TRUNCATED", "ANOTHER_RANGE", "MULTIPART"})
  void noReaderSeesAFailureBeforeTheDeadline(Failure failure) {
    two.origin(failure == Failure.TRUNCATED ? request -> Script.status(503) : failure.answer);
    assertThatThrownBy(() -> two.read(0, 1000)).isInstanceOf(RegistryException.class);
    assertThat(two.slept()).isEqualTo(Duration.ofSeconds(60));
  }

  @Test
  void progressBeginsTheDeadlineAnew() throws Exception {
    // Each answer brings 100 bytes and breaks; the pauses between them add up to minutes.
    two.origin(request -> {
      two.clock.advance(Duration.ofSeconds(50));
      return Failure.part(request, 0, Math.min(0, 100 - length(request)), "");
    });
    assertThat(two.read(0, 1000)).isEqualTo(expected(0, 1000));
  }

  private static int length(RecordedRequest request) {
    String[] ends =
        String.valueOf(request.getHeaders().get("Range"))
            .substring("bytes=".length())
            .split("-", 2);
    return Integer.parseInt(ends[1]) - Integer.parseInt(ends[0]) + 1;
  }

  @ParameterizedTest
  @ValueSource(ints = {401, 403, 404})
  void aRefusalByEveryHostIsFinalAfterASecondLook(int status) throws Exception {
    two.mirrored().mirror(request -> Script.status(404));
    two.origin(request -> Script.status(status));

    assertThatThrownBy(() -> two.read(0, 10)).isInstanceOf(RegistryException.class);
    assertThat(two.mirror.getRequestCount()).isEqualTo(2);
    assertThat(two.origin.getRequestCount()).isEqualTo(2);
    assertThat(two.slept()).isLessThan(Duration.ofSeconds(1));
  }

  @Test
  void aRefusalIsNotFinalWhileAnotherHostMayStillAnswer() throws Exception {
    AtomicInteger requests = new AtomicInteger();
    two.mirrored().mirror(request -> Script.status(404));
    two.origin(
        request -> requests.incrementAndGet() < 8 ? Script.status(503) : TwoHosts.whole(request));
    assertThat(two.read(0, 10)).isEqualTo(expected(0, 10));
    assertThat(two.mirror.getRequestCount()).isEqualTo(2);
  }

  @Test
  void aReadGoesOnElsewhereFromTheByteWhereItBroke() throws Exception {
    two.mirrored().mirror(Failure.TRUNCATED.answer);
    two.read(1000, 1000);
    assertThat(two.origin.takeRequest().getHeaders().get("Range")).isEqualTo("bytes=1930-1999");
  }

  @Test
  void aHostThatAskedToBeLeftAloneIsWhileAnotherAnswers() throws Exception {
    two.mirrored().mirror(request -> TwoHosts.busy(40));
    for (int i = 0; i < 5; i++) {
      two.read(0, 10);
      two.clock.advance(Duration.ofSeconds(7));
    }
    assertThat(two.mirror.getRequestCount()).isEqualTo(1);
    two.clock.advance(Duration.ofSeconds(6));
    two.read(0, 10);
    assertThat(two.mirror.getRequestCount()).isEqualTo(2);
  }

  @Test
  void whenAllAskedToBeLeftAloneTheEarliestIsAskedAtItsTime() throws Exception {
    AtomicInteger requests = new AtomicInteger();
    two.mirrored().mirror(request -> TwoHosts.busy("Thu, 01 Jan 2026 00:00:30 GMT"));
    two.origin(
        request -> requests.incrementAndGet() == 1 ? TwoHosts.busy(20) : TwoHosts.whole(request));

    assertThat(two.read(0, 10)).isEqualTo(expected(0, 10));
    assertThat(two.clock.sleeps()).containsExactly(Duration.ofSeconds(20));
    assertThat(two.mirror.getRequestCount()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"61", "999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT"})
  void aHostThatAsksForMoreThanTheDeadlineIsAskedOnceMoreAtTheDeadline(String retryAfter)
      throws Exception {
    AtomicInteger requests = new AtomicInteger();
    two.origin(request ->
        requests.incrementAndGet() == 1 ? TwoHosts.busy(retryAfter) : TwoHosts.whole(request));
    assertThat(two.read(0, 10)).isEqualTo(expected(0, 10));
    assertThat(two.clock.sleeps()).containsExactly(Duration.ofSeconds(60));
  }

  @Test
  void wrongBytesOfAMirrorAreReadElsewhere() throws Exception {
    two.mirrored().mirror(request -> Script.range(request, damaged(50_000)));

    assertThat(two.readVerified(0, 200_000)).isEqualTo(expected(0, 200_000));
    assertThat(two.origin.takeRequest().getHeaders().get("Range")).isEqualTo("bytes=49152-199999");
    assertThat(two.registries.sources().get(two.mirrorName())).contains("wrong bytes at 49152");
  }

  @Test
  void theSameWrongBytesTwiceFromTheOnlyHostAreFinal() {
    two.origin(request -> Script.range(request, damaged(50_000)));
    assertThatThrownBy(() -> two.readVerified(0, 200_000))
        .isInstanceOfSatisfying(
            WrongBytesException.class, e -> assertThat(e.offset()).isEqualTo(49_152));
    assertThat(two.origin.getRequestCount()).isEqualTo(2);
  }

  @Test
  void otherWrongBytesEachTimeAreAskedForAgainUntilTheyAreRight() throws Exception {
    AtomicInteger requests = new AtomicInteger();
    two.origin(request -> {
      int number = requests.incrementAndGet();
      return Script.range(request, number < 6 ? damaged(50_000 + number) : TwoHosts.CONTENT);
    });
    assertThat(two.readVerified(0, 200_000)).isEqualTo(expected(0, 200_000));
  }

  private static byte[] damaged(int at) {
    byte[] damaged = TwoHosts.CONTENT.clone();
    damaged[at] ^= 1;
    return damaged;
  }

  @Test
  void signedAddressesThatExpireByUseAreRenewed() throws Exception {
    Map<String, Integer> uses = new ConcurrentHashMap<>();
    AtomicInteger signature = new AtomicInteger();
    try (MockWebServer storage = new MockWebServer()) {
      storage.start();
      storage.setDispatcher(
          new Script(request ->
              uses.merge(String.valueOf(request.getUrl().query()), 1, Integer::sum) > 2
                  ? Script.status(403)
                  : TwoHosts.whole(request)));
      two.origin(
          request -> Script.redirect(307, storage.url("/blob?sig=" + signature.incrementAndGet())));
      var reader = two.repository("app").reader(TwoHosts.BLOB);
      for (int i = 0; i < 10; i++) {
        assertThat(TwoHosts.read(reader, i * 10, 10)).isEqualTo(expected(i * 10, 10));
      }
    }
    assertThat(signature).hasValue(5);
    assertThat(two.clock.sleeps()).isEmpty();
  }

  @Test
  void aHostThatIgnoresRangesIsAskedAfterOneThatServesThem() throws Exception {
    two.mirrored().mirror(request -> Script.bytes(TwoHosts.CONTENT));
    assertThat(two.read(100_000, 10)).isEqualTo(expected(100_000, 10));
    for (int i = 0; i < 5; i++) {
      assertThat(two.read(200_000, 10)).isEqualTo(expected(200_000, 10));
    }
    assertThat(two.mirror.getRequestCount()).isEqualTo(1);
    assertThat(two.transport.statistics().ignoredRanges()).isEqualTo(1);
    two.origin.close();
    assertThat(two.read(5, 10)).as("still better than none").isEqualTo(expected(5, 10));
  }

  @Test
  void anyMixOfFailuresGivesTheRightBytes() throws Exception {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    Failure[] failures = Failure.values();
    Function<RecordedRequest, MockResponse> moody =
        request -> {
          int drawn;
          synchronized (random) {
            drawn = random.nextInt(failures.length * 2);
          }
          return drawn < failures.length && !failures[drawn].name().startsWith("STALLS")
              ? failures[drawn].answer.apply(request)
              : TwoHosts.whole(request);
        };
    two.mirrored().mirror(moody);
    two.origin(moody);
    for (int i = 0; i < 100; i++) {
      int offset = random.nextInt(TwoHosts.CONTENT.length - 1);
      int length = 1 + random.nextInt(TwoHosts.CONTENT.length - 1 - offset);
      // A body that is longer than its range needs bytes behind it.
      length = Math.max(1, Math.min(length, TwoHosts.CONTENT.length - offset - 80));
      if (offset + length + 80 <= TwoHosts.CONTENT.length && length > 70) {
        assertThat(two.read(offset, length))
            .as("seed %d", seed)
            .isEqualTo(expected(offset, length));
      }
    }
  }

  @Test
  void oneConnectionToAHostCarriesOneRequestAfterTheOther() throws Exception {
    for (int i = 0; i < 10; i++) {
      two.read(i, 1000);
    }
    List<RecordedRequest> requests = TwoHosts.requests(two.origin);
    assertThat(requests).extracting(RecordedRequest::getConnectionIndex).containsOnly(0);
    assertThat(requests)
        .extracting(RecordedRequest::getExchangeIndex)
        .containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
  }
}
