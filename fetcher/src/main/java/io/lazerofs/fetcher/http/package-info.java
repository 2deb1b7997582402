/**
 * HTTP as a fetcher needs it, over OkHttp: redirects under control, exact byte ranges, retries with
 * a deadline, and counters.
 *
 * <pre>{@code
 * Retry ── attempt ──▶ HttpTransport.send ──▶ registry ── 307 ──▶ blob storage
 *   ▲                        │                              (no Authorization there)
 *   │ HttpException          ▼
 *   └── transient? ◀── Answer.range: exactly [offset, offset + length), or an exception
 * }</pre>
 *
 * <p>Statuses, {@code Range} and {@code Content-Range}, {@code Retry-After} and redirects are those
 * of RFC 9110 (sections 14, 10.2.3 and 15.4). Nothing in this package knows what a registry is, and
 * no exception or log line of it holds a header or the query of an address.
 */
@NullMarked
package io.lazerofs.fetcher.http;

import org.jspecify.annotations.NullMarked;
