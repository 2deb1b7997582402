/** Blobs that load themselves as they are read. */
@NullMarked
package io.lazerofs.fetcher.lazy;

import org.jspecify.annotations.NullMarked;
