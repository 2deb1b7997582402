package io.lazerofs.it.proxy;

import java.io.IOException;
import java.net.Socket;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import okhttp3.Headers;
import okhttp3.Response;
import okio.BufferedSink;
import okio.BufferedSource;

/**
 * One answer on its way to a client: paced, and spoiled by a fault. A fault that ends the
 * connection is thrown, as an {@link IOException}. For one thread.
 */
final class AnswerWriter {
  private static final int CHUNK_BYTES = 16 << 10;
  private static final int DRIPS_PER_SECOND = 50;
  private static final Pattern CONTENT_RANGE = Pattern.compile("bytes (\\d+)-(\\d+)/(.*)");

  private final Socket socket;
  private final BufferedSink out;
  private final Pace line;
  private final Pace drip;
  private final Optional<Fault> fault;

  /**
   * @param out what {@code socket} sends
   * @param line shared with other answers
   */
  AnswerWriter(Socket socket, BufferedSink out, Pace line, Optional<Fault> fault) {
    this.socket = socket;
    this.out = out;
    this.line = line;
    this.fault = fault;
    this.drip =
        new Pace(
            fault.orElse(null) instanceof Fault.Drip(long bytesPerSecond)
                ? bytesPerSecond
                : Long.MAX_VALUE);
  }

  /** Sends an answer without a body. */
  void send(int status, Headers headers) throws IOException {
    head(status, headers.newBuilder().set("Content-Length", "0").build());
    out.flush();
  }

  /**
   * Passes an answer on.
   *
   * @param counted is told how many bytes of the body were sent: before the last of them goes out,
   *     so that whoever has the whole body finds it counted, or when they break off
   */
  void pass(String method, Response answer, LongConsumer counted) throws IOException {
    Headers headers = Upstream.endToEnd(answer.headers());
    long length = answer.body().contentLength();
    if (method.equals("HEAD") || length == 0) {
      counted.accept(0);
      head(answer.code(), headers);
      out.flush();
      return;
    }
    if (fault.orElse(null) instanceof Fault.Shorten(long bytes)) {
      length = Math.max(0, length - bytes);
    }
    boolean chunked = length < 0 || fault.orElse(null) instanceof Fault.Lengthen;
    head(answer.code(), framed(headers, length, chunked));
    body(answer.body().source(), length < 0 ? Long.MAX_VALUE : length, chunked, counted);
  }

  private Headers framed(Headers headers, long length, boolean chunked) {
    Headers.Builder framed = headers.newBuilder().removeAll("Content-Length");
    if (chunked) {
      framed.set("Transfer-Encoding", "chunked");
    } else {
      framed.set("Content-Length", Long.toString(length));
    }
    if (fault.orElse(null) instanceof Fault.MoveRange(long bytes)) {
      Matcher range = CONTENT_RANGE.matcher(String.valueOf(headers.get("Content-Range")));
      if (range.matches()) {
        long first = Long.parseLong(range.group(1)) + bytes;
        long last = Long.parseLong(range.group(2)) + bytes;
        framed.set("Content-Range", "bytes " + first + "-" + last + "/" + range.group(3));
      }
    }
    return framed.build();
  }

  private void head(int status, Headers headers) throws IOException {
    out.writeUtf8("HTTP/1.1 " + status + " \r\n");
    for (var header : headers) {
      out.writeUtf8(header.getFirst() + ": " + header.getSecond() + "\r\n");
    }
    out.writeUtf8("\r\n");
  }

  private void body(BufferedSource in, long length, boolean chunked, LongConsumer counted)
      throws IOException {
    byte[] chunk = new byte[chunkBytes()];
    long end = Math.min(length, end());
    long sent = 0;
    try {
      while (sent < end) {
        int count = in.read(chunk, 0, (int) Math.min(chunk.length, end - sent));
        if (count < 0) {
          break;
        }
        invert(chunk, count, sent);
        long now = System.nanoTime();
        LockSupport.parkNanos(Math.max(line.reserve(count, now), drip.reserve(count, now)));
        sent += count;
        if (sent == length) {
          counted.accept(sent);
        }
        write(chunk, count, chunked);
      }
      if (sent < length && sent == end) {
        breakOff(sent);
      }
      if (chunked) {
        endChunks();
      }
    } finally {
      if (sent != length) {
        counted.accept(sent);
      }
    }
  }

  /** How much is sent at a time: less than a whole line, where that is slow. */
  private int chunkBytes() {
    return fault.orElse(null) instanceof Fault.Drip(long bytesPerSecond)
        ? Math.clamp(bytesPerSecond / DRIPS_PER_SECOND, 1, CHUNK_BYTES)
        : CHUNK_BYTES;
  }

  /** Where the body breaks off at the latest. */
  private long end() {
    return switch (fault.orElse(null)) {
      case Fault.Cut(long after) -> after;
      case Fault.Reset(long after) -> after;
      case Fault.Stall(long after, var _) -> after;
      case null, default -> Long.MAX_VALUE;
    };
  }

  private void breakOff(long sent) throws IOException {
    switch (fault.orElse(null)) {
      case Fault.Reset _ -> socket.setSoLinger(true, 0); // closing then sends RST
      case Fault.Stall(var _, var time) -> LockSupport.parkNanos(time.toNanos());
      case null, default -> {}
    }
    throw new IOException("ended after " + sent + " bytes");
  }

  private void invert(byte[] chunk, int count, long offset) {
    if (fault.orElse(null) instanceof Fault.Invert(long at)
        && at >= offset
        && at < offset + count) {
      int index = (int) (at - offset);
      chunk[index] = (byte) ~chunk[index];
    }
  }

  private void write(byte[] chunk, int count, boolean chunked) throws IOException {
    if (chunked) {
      out.writeUtf8(Integer.toHexString(count) + "\r\n");
    }
    out.write(chunk, 0, count);
    if (chunked) {
      out.writeUtf8("\r\n");
    }
    out.flush();
  }

  private void endChunks() throws IOException {
    if (fault.orElse(null) instanceof Fault.Lengthen(int bytes)) {
      write(new byte[bytes], bytes, true);
    }
    out.writeUtf8("0\r\n\r\n");
    out.flush();
  }
}
