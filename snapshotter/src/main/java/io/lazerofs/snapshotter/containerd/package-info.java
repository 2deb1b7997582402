/**
 * containerd's configuration, as far as lazy pulls need something of it: which settings, for which
 * version, written as TOML and looked for in a file that is there.
 *
 * <pre>{@code
 * ContainerdVersion ─┐
 * SnapshotterPlugin ─┴─▶ LazyPullSettings ─┬─▶ Fragment             what to put into config.toml
 *                                          └─▶ ConfigurationCheck   what a config.toml lacks
 * }</pre>
 *
 * <p>The settings are explained in {@code docs/containerd.md}; the source is containerd's own
 * documentation, {@code docs/cri/config.md} and {@code docs/PLUGINS.md}.
 */
@NullMarked
package io.lazerofs.snapshotter.containerd;

import org.jspecify.annotations.NullMarked;
