package io.lazerofs.fetcher.cache;

import java.time.Instant;

/**
 * A blob that a cache has files of.
 *
 * @param presentBytes bytes of it that can be read, or are to be verified first after an unclean
 *     stop
 * @param allocatedBytes bytes of the disk that its files take
 * @param lastUse when it was last in use, about
 * @param verified whether all that is present was verified, block by block or as a whole
 * @param open whether somebody has it open
 */
public record KeptBlob(
    BlobKey key,
    long presentBytes,
    long allocatedBytes,
    Instant lastUse,
    boolean verified,
    boolean open) {}
