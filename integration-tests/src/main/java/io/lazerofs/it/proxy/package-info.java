/**
 * A registry seen through a poor line: a reverse proxy that delays, slows, counts and spoils.
 *
 * <pre>
 * lazerofs ──► Door ──► Conversation ──► Upstream ──► registry
 *                        │  each request: waits Line.delay, is counted as an Exchange
 *                        │  some of them: a Fault, by their path or by a FaultPlan
 *                        └  each body:    AnswerWriter, paced by Pace to Line.bytesPerSecond,
 *                                         all connections together
 * </pre>
 *
 * <p>Requests and answers keep their headers (RFC 9110), hop-by-hop ones aside, so redirects,
 * ranges and authentication are the registry's own. It speaks HTTP/1.1 (RFC 9112) on bare sockets,
 * since no HTTP server lets one break its messages as {@link io.lazerofs.it.proxy.Fault} does.
 */
@NullMarked
package io.lazerofs.it.proxy;

import org.jspecify.annotations.NullMarked;
