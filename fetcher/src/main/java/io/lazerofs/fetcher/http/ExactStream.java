package io.lazerofs.fetcher.http;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import okhttp3.HttpUrl;

/** A fixed number of bytes of a body: no fewer, and no more where the body should end there. */
final class ExactStream extends InputStream {
  private static final int SKIP_BYTES = 64 << 10;

  private final InputStream body;
  private final HttpUrl url;
  private final boolean endsThere;
  private long remaining;

  /**
   * @param endsThere whether the body must end after {@code length} bytes; if not, what follows
   *     stays unread
   */
  ExactStream(InputStream body, HttpUrl url, long length, boolean endsThere) {
    this.body = body;
    this.url = url;
    this.remaining = length;
    this.endsThere = endsThere;
  }

  /** Reads and drops {@code count} bytes. */
  static void skip(InputStream body, HttpUrl url, long count) throws IOException {
    InputStream before = new ExactStream(body, url, count, false);
    byte[] buffer = new byte[SKIP_BYTES];
    while (before.read(buffer) >= 0) {
      // Nobody wants these bytes.
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, buffer.length);
    if (length == 0) {
      return 0;
    }
    if (remaining == 0) {
      return -1;
    }
    int count = body.read(buffer, offset, (int) Math.min(length, remaining));
    if (count < 0) {
      throw new HttpException.Connection(url, "the body ended " + remaining + " bytes early");
    }
    remaining -= count;
    // Asked now and not at the next read, so that no byte is handed out as the last that is not.
    if (remaining == 0 && endsThere && body.read() >= 0) {
      throw new HttpException.Protocol(url, "the body goes on after its end");
    }
    return count;
  }

  @Override
  public void close() throws IOException {
    body.close();
  }
}
