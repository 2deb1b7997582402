package io.lazerofs.fetcher.http;

import java.util.function.Function;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.RecordedRequest;
import okio.Buffer;

/** Answers of a mock server. */
public final class Script extends Dispatcher {
  private final Function<RecordedRequest, MockResponse> answers;

  public Script(Function<RecordedRequest, MockResponse> answers) {
    this.answers = answers;
  }

  @Override
  public MockResponse dispatch(RecordedRequest request) {
    return answers.apply(request);
  }

  public static MockResponse status(int code) {
    return new MockResponse.Builder().code(code).build();
  }

  public static MockResponse redirect(int code, Object target) {
    return new MockResponse.Builder().code(code).addHeader("Location", target).build();
  }

  public static MockResponse bytes(byte[] body) {
    return new MockResponse.Builder().body(new Buffer().write(body)).build();
  }

  /** Returns what a server with ranges answers to {@code request} for {@code content}. */
  public static MockResponse range(RecordedRequest request, byte[] content) {
    String range = request.getHeaders().get("Range");
    if (range == null) {
      return bytes(content);
    }
    String[] ends = range.substring("bytes=".length()).split("-", 2);
    int from = Integer.parseInt(ends[0]);
    int to = Integer.parseInt(ends[1]);
    return new MockResponse.Builder()
        .code(206)
        .addHeader("Content-Range", "bytes " + from + "-" + to + "/" + content.length)
        .body(new Buffer().write(content, from, to - from + 1))
        .build();
  }
}
