package io.lazerofs.it.proxy;

import java.io.IOException;
import java.net.Socket;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import okhttp3.Headers;
import okhttp3.Response;
import okio.BufferedSink;
import okio.BufferedSource;
import okio.Okio;

/** One client's connection: its requests, one after the other, and their answers. */
final class Conversation {
  private final ThrottlingProxy proxy;
  private final Socket socket;
  private final BufferedSource in;
  private final BufferedSink out;

  Conversation(ThrottlingProxy proxy, Socket socket) throws IOException {
    this.proxy = proxy;
    this.socket = socket;
    // Otherwise each answer on a kept connection would wait for a delayed acknowledgement.
    socket.setTcpNoDelay(true);
    in = Okio.buffer(Okio.source(socket));
    out = Okio.buffer(Okio.sink(socket));
  }

  /**
   * Answers until the client, or a fault, ends the connection; the caller closes the socket.
   *
   * @throws IOException when the connection or the registry fails, or a fault ends the connection
   */
  void hold() throws IOException {
    boolean goesOn = true;
    while (goesOn) {
      Optional<RequestHead> head = RequestHead.read(in);
      goesOn = head.isPresent() && answer(head.get());
    }
  }

  /** Returns whether the connection goes on. */
  private boolean answer(RequestHead head) throws IOException {
    LockSupport.parkNanos(proxy.delay().toNanos());
    Optional<Fault> fault = proxy.faultFor(head);
    AnswerWriter writer = new AnswerWriter(socket, out, proxy.pace(), fault);
    // What was refused may have a body that nobody reads.
    boolean goesOn = !head.wantsClose() && head.bodyLength() == 0;
    switch (fault.orElse(null)) {
      case Fault.HangUp() -> {
        proxy.note(head, 0, 0);
        return false;
      }
      case Fault.Refuse refuse -> {
        proxy.note(head, refuse.status(), 0);
        writer.send(refuse.status(), retryAfter(refuse));
        return goesOn;
      }
      case Fault.Redirect(int uses)
          when head.method().equals("GET") && !SignedUrls.isSigned(head.target()) -> {
        proxy.note(head, 307, 0);
        writer.send(307, Headers.of("Location", proxy.signed(head.target(), uses)));
        return goesOn;
      }
      case null, default -> {
        return forward(head, fault, writer);
      }
    }
  }

  private static Headers retryAfter(Fault.Refuse refuse) {
    Headers.Builder headers = new Headers.Builder();
    refuse.retryAfter().ifPresent(seconds -> headers.add("Retry-After", seconds + ""));
    return headers.build();
  }

  private boolean forward(RequestHead head, Optional<Fault> fault, AnswerWriter writer)
      throws IOException {
    Optional<String> target = proxy.unsigned(head.target());
    if (target.isEmpty()) {
      proxy.note(head, 403, 0);
      writer.send(403, Headers.EMPTY);
      return true;
    }
    RequestHead sent = head.withTarget(target.get());
    if (fault.orElse(null) instanceof Fault.IgnoreRange) {
      sent = sent.without("Range");
    }
    try (Response answer = proxy.upstream().send(sent, in)) {
      writer.pass(head.method(), answer, bytes -> proxy.note(head, answer.code(), bytes));
    }
    return !head.wantsClose();
  }
}
