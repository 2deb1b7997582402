/**
 * The daemon: reads its configuration, puts all parts together, and takes them apart again.
 *
 * <pre>{@code
 * # config.toml: every key has a default
 * root = "/var/lib/lazerofs"
 * address = "/run/lazerofs/lazerofs.sock"
 * verify = "when-possible"
 * background = "off"
 *
 * [registry]
 * plain_http = ["registry.example:5000"]
 * deadline = 60
 *
 * [cache]
 * directory = "/var/lib/lazerofs/cache"
 * max-bytes = 50000000000
 *
 * [prefetch]
 * trace = true
 * }</pre>
 *
 * <p>The order of a start: lock the root, serve the socket, then all that takes longer: open the
 * store, the cache and the layers, and mount. Calls wait for what they need, and for one layer only
 * when that is it. What is damaged is set aside and does not keep the rest. The format of the file
 * is TOML 1.0 (toml.io/en/v1.0.0).
 */
@NullMarked
package io.lazerofs.snapshotter.daemon;

import org.jspecify.annotations.NullMarked;
