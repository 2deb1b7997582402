package io.lazerofs.fetcher.http;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import okhttp3.HttpUrl;

/** The body of an answer, counted; whatever breaks it is a failure of the connection. */
final class BodyStream extends FilterInputStream {
  private final HttpUrl url;
  private final HttpCounters counters;

  BodyStream(InputStream body, HttpUrl url, HttpCounters counters) {
    super(body);
    this.url = url;
    this.counters = counters;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    try {
      int count = in.read(buffer, offset, length);
      if (count > 0) {
        counters.bodyBytes.add(count);
      }
      return count;
    } catch (IOException e) {
      throw HttpTransport.connectionFailure(url, e);
    }
  }

  @Override
  public long skip(long count) throws IOException {
    return 0; // Skipped bytes would not be counted; none of the callers skips.
  }
}
