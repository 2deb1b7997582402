/**
 * The files of an image as files of this machine.
 *
 * <pre>{@code
 * ImageCheck ── TreeSink ──▶ Extraction ── names, one by one ──▶ OpenDirectory (io.lazerofs.files)
 *                               │
 *                               ╰──▶ Shortfall: what could not be made or set, how often, and why
 * }</pre>
 *
 * <p>What is written comes from an image that nobody trusts: every file is made by one name in an
 * open directory, and never through a path, so nothing can come to lie outside the directory that
 * was given, whatever names and symbolic links there are.
 *
 * <p>Attributes are set when nothing more changes the file: owner, extended attributes, time, then
 * permissions, for giving a file away takes its set-user-ID bit, and permissions may forbid all
 * else; those of a directory after all that is in it.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/inode.7.html">inode(7)</a>
 */
@NullMarked
package io.lazerofs.erofs.extract;

import org.jspecify.annotations.NullMarked;
