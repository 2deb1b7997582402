package io.lazerofs.fetcher.http;

import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.SSLException;
import okhttp3.HttpUrl;

/** A request that did not get the answer it needs. Says where, without the query of the address. */
public abstract sealed class HttpException extends IOException {
  private static final long serialVersionUID = 1L;
  private final transient HttpUrl url;
  private final String problem;

  HttpException(HttpUrl url, String problem) {
    super(withoutSecrets(url) + ": " + problem);
    this.url = withoutSecrets(url);
    this.problem = problem;
  }

  @Override
  public String getMessage() {
    return Objects.requireNonNull(super.getMessage());
  }

  /** Returns the address, without query, fragment and user. */
  public HttpUrl url() {
    return url;
  }

  /** Returns the message without the address. */
  public String problem() {
    return problem;
  }

  /** Returns whether the same request may succeed later. */
  public abstract boolean isTransient();

  /** Returns how long the server asks to wait before the next request. */
  public Optional<Duration> retryAfter() {
    return Optional.empty();
  }

  private static HttpUrl withoutSecrets(HttpUrl url) {
    return url.newBuilder().query(null).fragment(null).username("").password("").build();
  }

  /** No connection, or one that broke, stalled or ended before the answer did. */
  public static final class Connection extends HttpException {
    private static final long serialVersionUID = 1L;

    Connection(HttpUrl url, IOException cause) {
      super(
          url, cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage());
      initCause(cause);
    }

    Connection(HttpUrl url, String problem) {
      super(url, problem);
    }

    /** Returns whether TLS could not be agreed on, which no later attempt changes. */
    public boolean isTlsFailure() {
      return getCause() instanceof SSLException tls && !(tls.getCause() instanceof IOException);
    }

    @Override
    public boolean isTransient() {
      return !isTlsFailure();
    }
  }

  /** An answer with another status than the request can use. */
  public static final class Status extends HttpException {
    private static final long serialVersionUID = 1L;
    private final int code;
    private final transient Optional<Duration> retryAfter;

    Status(HttpUrl url, int code, Optional<Duration> retryAfter) {
      super(url, "status " + code);
      this.code = code;
      this.retryAfter = retryAfter;
    }

    public int code() {
      return code;
    }

    @Override
    public boolean isTransient() {
      return code == 408 || code == 429 || code >= 500;
    }

    @Override
    public Optional<Duration> retryAfter() {
      return retryAfter;
    }
  }

  /** An answer that breaks HTTP, or leads where it must not. */
  public static final class Protocol extends HttpException {
    private static final long serialVersionUID = 1L;

    Protocol(HttpUrl url, String problem) {
      super(url, problem);
    }

    @Override
    public boolean isTransient() {
      return false;
    }
  }
}
