package io.lazerofs.it.proxy;

import java.time.Duration;
import java.util.OptionalInt;

/**
 * What the proxy does wrong with a request. What concerns a body is done to answers that have one;
 * other answers pass as they are.
 */
public sealed interface Fault {
  /**
   * Answers with a status and no body, and does not ask the registry.
   *
   * @param status the HTTP status
   * @param retryAfter seconds of the header Retry-After, if it is to be there
   */
  record Refuse(int status, OptionalInt retryAfter) implements Fault {
    /** Answers without a Retry-After. */
    public Refuse(int status) {
      this(status, OptionalInt.empty());
    }
  }

  /**
   * Passes the registry's answer on with one byte of its body inverted; a shorter body passes as it
   * is.
   *
   * @param at index of that byte in the body
   */
  record Invert(long at) implements Fault {}

  /**
   * Ends the connection in order (FIN) after some bytes of the body, of which the headers promise
   * more.
   *
   * @param after bytes that still pass
   */
  record Cut(long after) implements Fault {}

  /**
   * Resets the connection (RST) after some bytes of the body.
   *
   * @param after bytes that are still sent, which a reset may overtake
   */
  record Reset(long after) implements Fault {}

  /** Ends the connection before any answer. */
  record HangUp() implements Fault {}

  /**
   * Stops after some bytes of the body, with the connection open, and ends it later.
   *
   * @param after bytes that still pass
   * @param time how long nothing passes then
   */
  record Stall(long after, Duration time) implements Fault {}

  /**
   * Sends the body slowly.
   *
   * @param bytesPerSecond its rate, besides that of the line
   */
  record Drip(long bytesPerSecond) implements Fault {}

  /**
   * Leaves out the end of the body. Content-Length agrees with what is sent, and Content-Range does
   * not.
   *
   * @param bytes that are missing; a shorter body is empty
   */
  record Shorten(long bytes) implements Fault {}

  /**
   * Sends more after the body, in chunks, so that no header tells.
   *
   * @param bytes that are too many
   */
  record Lengthen(int bytes) implements Fault {}

  /**
   * Says in Content-Range that the body is another part of the blob.
   *
   * @param bytes how far behind its right place
   */
  record MoveRange(long bytes) implements Fault {}

  /** Ignores Range: answers 200 with the whole blob. */
  record IgnoreRange() implements Fault {}

  /**
   * Redirects to an address of another host name that is signed: what it gives later is 403.
   *
   * @param uses how many requests it serves
   */
  record Redirect(int uses) implements Fault {}
}
