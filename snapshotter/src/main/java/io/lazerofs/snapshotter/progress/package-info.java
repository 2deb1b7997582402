/**
 * How long work shows that it goes on.
 *
 * <p>Whoever works on something of some size starts a {@link
 * io.lazerofs.snapshotter.progress.Progress.Task} and tells it about bytes; what that looks like is
 * decided once, by whether standard error is a terminal:
 *
 * <pre>{@code
 * sha256:4f53…  ████████░░░░  61.2 MB / 98.0 MB  33.1 MB/s       (a terminal, drawn again in place)
 * sha256:4f53…: converted, 98.0 MB in 2.9 s                     (a file or a pipe: a line when done)
 * }</pre>
 *
 * <p>The control sequences are those of ECMA-48: CUU (cursor up) and EL (erase in line).
 */
@NullMarked
package io.lazerofs.snapshotter.progress;

import org.jspecify.annotations.NullMarked;
