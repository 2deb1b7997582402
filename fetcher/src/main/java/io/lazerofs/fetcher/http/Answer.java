package io.lazerofs.fetcher.http;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import okhttp3.Challenge;
import okhttp3.HttpUrl;
import okhttp3.Response;

/** What a server answered: a status, headers, and a body to read. For one thread at a time. */
public final class Answer implements AutoCloseable {
  private static final Duration MAX_RETRY_AFTER = Duration.ofDays(1);

  private final Response response;
  private final boolean redirected;
  private final HttpCounters counters;
  private final InstantSource clock;

  Answer(Response response, boolean redirected, HttpCounters counters, InstantSource clock) {
    this.response = response;
    this.redirected = redirected;
    this.counters = counters;
    this.clock = clock;
  }

  public int status() {
    return response.code();
  }

  /** Returns whether the status is one of 200 to 299. */
  public boolean isSuccessful() {
    return response.isSuccessful();
  }

  /** Returns the address that gave this answer, after redirects; its query may be a secret. */
  public HttpUrl url() {
    return response.request().url();
  }

  /** Returns whether the answer is not of the address that was asked first. */
  public boolean redirected() {
    return redirected;
  }

  public Optional<String> header(String name) {
    return Optional.ofNullable(response.header(name));
  }

  /** Returns how the server wants to be asked, for a status of 401. */
  public List<Challenge> challenges() {
    return response.challenges();
  }

  /** Returns the exception for an answer whose status is of no use. */
  public HttpException.Status failure() {
    return new HttpException.Status(url(), status(), retryAfter());
  }

  /**
   * Returns the exception for an answer that breaks the rules in the way that {@code problem} says.
   */
  public HttpException.Protocol violation(String problem) {
    return new HttpException.Protocol(url(), problem);
  }

  /** Returns the value of {@code Content-Length}, of which a body of another length falls short. */
  public Optional<Long> contentLength() {
    return header("Content-Length").flatMap(Answer::number);
  }

  /**
   * Returns the whole body.
   *
   * @throws HttpException.Protocol when it is longer than {@code limit} bytes
   */
  public byte[] body(int limit) throws IOException {
    byte[] bytes = stream().readNBytes(limit + 1);
    if (bytes.length > limit) {
      throw violation("a body of more than " + limit + " bytes");
    }
    return bytes;
  }

  /**
   * Returns exactly the bytes {@code [offset, offset + length)} of a resource, from an answer to a
   * GET, with that range unless it was for the whole. A server that ignores ranges and sends the
   * whole is read up to the end of the range and no further.
   *
   * @param size of the whole resource in bytes
   * @return a stream that throws {@link HttpException.Connection} when the body ends early, and
   *     {@link HttpException.Protocol} when it does not end where it should; to be closed
   * @throws HttpException.Status for a status other than 200 and 206
   * @throws HttpException.Protocol when the headers tell of another range or size
   */
  public InputStream range(long offset, long length, long size) throws IOException {
    return switch (status()) {
      case 206 -> part(offset, length, size);
      case 200 -> partOfWhole(offset, length, size);
      case 416 -> throw violation("no range at %d: it is not %d bytes".formatted(offset, size));
      default -> throw failure();
    };
  }

  private InputStream part(long offset, long length, long size) throws IOException {
    String type = header("Content-Type").orElse("").strip().toLowerCase(Locale.ROOT);
    if (type.startsWith("multipart/byteranges")) {
      throw violation("multipart/byteranges, though one range was asked for");
    }
    String expected = "bytes %d-%d/".formatted(offset, offset + length - 1);
    String actual = header("Content-Range").orElse("");
    if (!actual.equals(expected + size) && !actual.equals(expected + "*")) {
      throw violation("Content-Range '%s', not '%s%d'".formatted(actual, expected, size));
    }
    requireLength(length);
    return new ExactStream(stream(), url(), length, true);
  }

  private InputStream partOfWhole(long offset, long length, long size) throws IOException {
    requireLength(size);
    InputStream whole = stream();
    if (offset != 0 || length != size) {
      counters.ignoredRanges.increment();
      ExactStream.skip(whole, url(), offset);
    }
    return new ExactStream(whole, url(), length, offset + length == size);
  }

  private void requireLength(long expected) throws HttpException {
    Optional<Long> actual = contentLength();
    if (actual.isPresent() && actual.get() != expected) {
      throw violation("a body of %d bytes, not %d".formatted(actual.get(), expected));
    }
  }

  private InputStream stream() {
    return new BodyStream(response.body().byteStream(), url(), counters);
  }

  private Optional<Duration> retryAfter() {
    return header("Retry-After")
        .flatMap(value -> number(value).map(Duration::ofSeconds).or(() -> until(value)))
        .filter(Duration::isPositive)
        .map(wait -> wait.compareTo(MAX_RETRY_AFTER) < 0 ? wait : MAX_RETRY_AFTER);
  }

  private Optional<Duration> until(String date) {
    try {
      ZonedDateTime time = ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME);
      return Optional.of(Duration.between(clock.instant(), time.toInstant()));
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  private static Optional<Long> number(String text) {
    return text.matches("[0-9]{1,18}") ? Optional.of(Long.parseLong(text)) : Optional.empty();
  }

  /** Gives the connection back; what is left of the body is not read. */
  @Override
  public void close() {
    response.close();
  }
}
