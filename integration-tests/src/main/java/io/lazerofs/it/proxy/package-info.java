/**
 * A registry seen through a poor line: a reverse proxy that delays, slows, counts and spoils.
 *
 * <pre>
 * lazerofs ──► ThrottlingProxy ──► registry
 *               │  each request: waits Line.delay, is counted as an Exchange
 *               │  each body:    paced by Pace to Line.bytesPerSecond, all connections together
 *               └  some paths:   a Fault instead of the registry's answer
 * </pre>
 *
 * <p>Requests and answers keep their headers (RFC 9110), hop-by-hop ones aside, so redirects,
 * ranges and authentication are the registry's own.
 */
@NullMarked
package io.lazerofs.it.proxy;

import org.jspecify.annotations.NullMarked;
