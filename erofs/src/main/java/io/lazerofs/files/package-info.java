/**
 * Trees of files on the local disk, through system calls: names are bytes, nothing is followed, and
 * every attribute that Linux keeps can be read and set.
 *
 * <p>{@link java.nio.file} cannot do that: it loses names that are no text, sees extended
 * attributes of users only, makes no device nodes, and names files by paths, on which a symbolic
 * link can be put while they are walked. Here everything goes from one open directory to the next:
 *
 * <pre>{@code
 * OpenDirectory.open(Path) ── directory(name) ──▶ OpenDirectory ── …
 *        │ names(), status(name), readLink(name), xattr(name, …)
 *        │ makeDirectory(name, …), makeSymlink, makeLink, makeNode, setOwner, setModified …
 *        ├── file(name) ──▶ OpenFile: read at a position, data and holes
 *        ╰── makeFile(name, …) ──▶ NewFile: write at a position, size
 * }</pre>
 *
 * <p>Nobody who holds an {@link io.lazerofs.files.OpenDirectory} can leave it by a name, so an
 * extractor that only uses these methods stays below its root, whatever its input says. To set the
 * attributes of a new file: owner, then permissions, then extended attributes, then times, since
 * each step may change those after it.
 *
 * <p>Two classes are for files that are served, by position and to many threads at once: a {@link
 * io.lazerofs.files.SharedFile} reads from the page cache, and a {@link
 * io.lazerofs.files.DeviceFile} past it, with O_DIRECT.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/openat.2.html">openat(2), "Rationale for
 *     openat() and other directory file descriptor APIs"</a>
 */
@NullMarked
package io.lazerofs.files;

import org.jspecify.annotations.NullMarked;
