package io.lazerofs.it.proxy;

import java.io.IOException;
import java.net.ProtocolException;
import java.util.Optional;
import okhttp3.Headers;
import okio.BufferedSource;

/**
 * The line and the headers that a request begins with (RFC 9112, sections 3 and 5).
 *
 * @param target path and query
 */
record RequestHead(String method, String target, Headers headers) {
  private static final int MAX_LINE_BYTES = 64 << 10;

  /** Reads the next one; empty when the client ended the connection instead. */
  static Optional<RequestHead> read(BufferedSource in) throws IOException {
    if (in.exhausted()) {
      return Optional.empty();
    }
    String line = in.readUtf8LineStrict(MAX_LINE_BYTES);
    String[] words = line.split(" ", -1);
    if (words.length != 3 || !words[1].startsWith("/") || !words[2].equals("HTTP/1.1")) {
      throw new ProtocolException("not a request of HTTP/1.1: " + line);
    }
    Headers.Builder headers = new Headers.Builder();
    for (String header; !(header = in.readUtf8LineStrict(MAX_LINE_BYTES)).isEmpty(); ) {
      headers.add(header);
    }
    return Optional.of(new RequestHead(words[0], words[1], headers.build()));
  }

  Optional<String> header(String name) {
    return Optional.ofNullable(headers.get(name));
  }

  RequestHead withTarget(String other) {
    return new RequestHead(method, other, headers);
  }

  RequestHead without(String header) {
    return new RequestHead(method, target, headers.newBuilder().removeAll(header).build());
  }

  /** Returns the length of the body in bytes; one in chunks is not supported. */
  long bodyLength() throws ProtocolException {
    if (header("Transfer-Encoding").isPresent()) {
      throw new ProtocolException("a request's body needs a Content-Length");
    }
    return header("Content-Length").map(Long::parseLong).orElse(0L);
  }

  boolean wantsClose() {
    return header("Connection").filter("close"::equalsIgnoreCase).isPresent();
  }
}
