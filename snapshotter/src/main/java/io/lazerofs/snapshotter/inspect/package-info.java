/**
 * Images as people and programs look at them: in numbers, as listings, as extents, as faults.
 *
 * <pre>{@code
 * ErofsImage ──▶ View ── text ──▶ lines for people
 *                     ╰─ JSON ──▶ one document, written as it comes
 * }</pre>
 *
 * <p>Names in images are bytes. They are shown as UTF-8 where they are that and can be seen, each
 * other byte as {@code \xNN}, and a backslash doubled; a path that a user gives is read in the same
 * way, so whatever is shown can be asked for. Paths lead from the root of an image, name by name;
 * symbolic links are not followed.
 *
 * <p>JSON is that of RFC 8259, its keys are in snake_case, amounts are bytes unless a key says
 * otherwise, times are those of RFC 3339 in UTC.
 */
@NullMarked
package io.lazerofs.snapshotter.inspect;

import org.jspecify.annotations.NullMarked;
