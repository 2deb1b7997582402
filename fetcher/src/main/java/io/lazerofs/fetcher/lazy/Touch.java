package io.lazerofs.fetcher.lazy;

import io.lazerofs.source.Digest;

/**
 * A range of a blob that a reader asked for, in whole blocks of the cache.
 *
 * @param offset its first byte
 * @param length in bytes, at least 1; at the blob's end it may reach behind it, to the block's end
 */
public record Touch(Digest blob, long offset, long length) {}
