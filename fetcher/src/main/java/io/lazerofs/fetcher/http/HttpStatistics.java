package io.lazerofs.fetcher.http;

/**
 * What a transport has done since it was made.
 *
 * @param requests requests sent, with those that follow a redirect and those for tokens
 * @param bodyBytes bytes of answers that were read, without headers
 * @param retries attempts that failed and were made again
 * @param ignoredRanges answers of servers that sent the whole when asked for a range
 */
public record HttpStatistics(long requests, long bodyBytes, long retries, long ignoredRanges) {}
