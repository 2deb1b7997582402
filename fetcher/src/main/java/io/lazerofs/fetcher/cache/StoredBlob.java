package io.lazerofs.fetcher.cache;

import java.time.Instant;

/**
 * The files of a blob, open or not.
 *
 * @param name the first part of their names
 * @param allocatedBytes what they take on the disk
 * @param lastUse when it was last in use, about
 */
record StoredBlob(String name, long allocatedBytes, Instant lastUse) {}
