package io.lazerofs.it.proxy;

import java.time.Duration;

/** What the proxy does wrong with a request. */
public sealed interface Fault {
  /**
   * Answers with a status and no body, and does not ask the registry.
   *
   * @param status the HTTP status
   */
  record Refuse(int status) implements Fault {}

  /**
   * Passes the registry's answer on with one byte of its body inverted; a shorter body passes as it
   * is.
   *
   * @param at index of that byte in the body
   */
  record Invert(long at) implements Fault {}

  /**
   * Ends the connection after some bytes of the body.
   *
   * @param after bytes that still pass
   */
  record Cut(long after) implements Fault {}

  /** Ends the connection before any answer. */
  record HangUp() implements Fault {}

  /**
   * Stops after some bytes of the body, with the connection open, and ends it later.
   *
   * @param after bytes that still pass
   * @param time how long nothing passes then
   */
  record Stall(long after, Duration time) implements Fault {}
}
