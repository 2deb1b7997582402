package io.lazerofs.fetcher.registry;

import io.lazerofs.source.Digest;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A store of images, in a registry or a directory, that did not give or take what it was asked.
 *
 * <p>Each message is one line that says what, where and what to do. None holds a credential, a
 * token or the query of an address.
 */
public abstract sealed class RegistryException extends IOException {
  private static final long serialVersionUID = 1L;

  RegistryException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** A text that names no image. */
  public static final class InvalidName extends RegistryException {
    private static final long serialVersionUID = 1L;

    InvalidName(String text, String reason) {
      super("'%s' names no image: %s".formatted(text, reason), null);
    }
  }

  /** A manifest, a blob or a repository that the store does not have. */
  public static final class NotFound extends RegistryException {
    private static final long serialVersionUID = 1L;

    NotFound(String what, String hint) {
      super("%s: not found; %s".formatted(what, hint), null);
    }
  }

  /** Something for which there is no host to ask. */
  public static final class NoSource extends RegistryException {
    private static final long serialVersionUID = 1L;

    NoSource(String what, String reason) {
      super("%s: %s".formatted(what, reason), null);
    }
  }

  /** A registry that refuses: no credentials, wrong ones, or too few rights. */
  public static final class Unauthorized extends RegistryException {
    private static final long serialVersionUID = 1L;
    private final String host;

    Unauthorized(String host, String repository, int status) {
      super(
          "registry %s refuses access to %s (status %d); check the rights or run: docker login %s"
              .formatted(host, repository, status, host),
          null);
      this.host = host;
    }

    /** Returns the registry that refused, with its port if it is not the default. */
    public String host() {
      return host;
    }
  }

  /**
   * A login that is said to be there and cannot be had: a file that cannot be read, or a credential
   * helper that fails. The next attempt reads and asks anew.
   */
  public static final class LoginUnavailable extends RegistryException {
    private static final long serialVersionUID = 1L;

    /**
     * @param problem what is wrong, without a word of the file's content or the helper's output
     */
    LoginUnavailable(String host, String problem) {
      super(
          "the login for %s cannot be had: %s; mend that or run: docker login %s"
              .formatted(host, problem, host),
          null);
    }
  }

  /** A registry to which no connection could be made or kept. */
  public static final class Unreachable extends RegistryException {
    private static final long serialVersionUID = 1L;
    private final String host;

    Unreachable(String host, String problem, String hint, Throwable cause) {
      super("registry %s cannot be reached (%s); %s".formatted(host, problem, hint), cause);
      this.host = host;
    }

    /** Returns the host that could not be reached. */
    public String host() {
      return host;
    }
  }

  /** A status that the distribution specification does not foresee, or a failure of the server. */
  public static final class Unexpected extends RegistryException {
    private static final long serialVersionUID = 1L;
    private final int status;

    Unexpected(String what, int status, String url, @Nullable Throwable cause) {
      super(
          "%s: %s answered with status %d; try again later or ask the registry's operator"
              .formatted(what, url, status),
          cause);
      this.status = status;
    }

    /** Returns the HTTP status. */
    public int status() {
      return status;
    }
  }

  /** An answer or a document that breaks its specification, so that it cannot be used. */
  public static final class Malformed extends RegistryException {
    private static final long serialVersionUID = 1L;

    Malformed(String what, String reason) {
      this(what, reason, null);
    }

    Malformed(String what, String reason, @Nullable Throwable cause) {
      super("%s: %s".formatted(what, reason), cause);
    }
  }

  /** Content whose digest is not the one it was asked by. */
  public static final class DigestMismatch extends RegistryException {
    private static final long serialVersionUID = 1L;
    private final transient Digest expected;
    private final transient Digest actual;

    DigestMismatch(String what, Digest expected, Digest actual) {
      super(
          "%s: the content has the digest %s, not %s; the store or a proxy before it is damaged"
              .formatted(what, actual, expected),
          null);
      this.expected = expected;
      this.actual = actual;
    }

    /** Returns the digest that the content should have. */
    public Digest expected() {
      return expected;
    }

    /** Returns the digest that it has. */
    public Digest actual() {
      return actual;
    }
  }

  /** Content that is shorter or longer than its descriptor says. */
  public static final class SizeMismatch extends RegistryException {
    private static final long serialVersionUID = 1L;
    private final long expected;
    private final long actual;

    /**
     * @param actual the size in bytes, or where reading stopped when there was more than expected
     */
    SizeMismatch(String what, long expected, long actual) {
      super(
          "%s: %s bytes, not the %d of its descriptor"
              .formatted(what, actual > expected ? "more than " + expected : actual, expected),
          null);
      this.expected = expected;
      this.actual = actual;
    }

    /** Returns the size in bytes that the descriptor gives. */
    public long expected() {
      return expected;
    }

    /** Returns the number of bytes that were there, or that were read before giving up. */
    public long actual() {
      return actual;
    }
  }
}
