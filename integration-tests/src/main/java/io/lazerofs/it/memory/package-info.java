/**
 * Many layers for one snapshotter, for {@code ./bench.sh memory} and {@code ./bench.sh scale}.
 *
 * <pre>
 * ManyLayersCommand push ────► registry: as many blobs, each an EROFS image of one file
 *      │ their digests
 *      ▼
 * ManyLayersCommand prepare ─► snapshotter: Prepare, as containerd calls it for a remote layer
 * ScaleCommand ──────────────► the same, with the time that calls take between and thereafter
 * </pre>
 *
 * <p>The calls are those of containerd's snapshots service (api/services/snapshots/v1) with the
 * labels that its unpacker hands over.
 */
@NullMarked
package io.lazerofs.it.memory;

import org.jspecify.annotations.NullMarked;
