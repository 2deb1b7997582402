package io.lazerofs.fetcher.cache;

import java.time.InstantSource;
import java.util.concurrent.Executor;

/**
 * What a cache and its blobs get from the process that they run in.
 *
 * @param background runs checks of whole blobs, which take seconds of a processor
 * @param clock says when a blob whose content was wrong is tried again
 * @param crash is told of each {@link CrashPoint}
 */
record CacheRuntime(Executor background, InstantSource clock, CrashPoint.Hook crash) {}
