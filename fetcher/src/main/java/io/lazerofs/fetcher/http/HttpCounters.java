package io.lazerofs.fetcher.http;

import java.util.concurrent.atomic.LongAdder;

/** The counters behind {@link HttpStatistics}; safe for use by many threads at once. */
final class HttpCounters {
  final LongAdder requests = new LongAdder();
  final LongAdder bodyBytes = new LongAdder();
  final LongAdder retries = new LongAdder();
  final LongAdder ignoredRanges = new LongAdder();

  HttpStatistics snapshot() {
    return new HttpStatistics(requests.sum(), bodyBytes.sum(), retries.sum(), ignoredRanges.sum());
  }
}
