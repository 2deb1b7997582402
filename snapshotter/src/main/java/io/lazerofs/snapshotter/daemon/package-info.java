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
 * <p>The order of a start: lock the root, open the store, serve the socket, mount, recover. Calls
 * that need a layer wait for that layer only. The format of the file is TOML 1.0
 * (toml.io/en/v1.0.0).
 */
@NullMarked
package io.lazerofs.snapshotter.daemon;

import org.jspecify.annotations.NullMarked;
