/**
 * A streaming reader of tar archives that keeps every byte: names, link targets and extended
 * attributes are byte strings on Linux, and so they are here.
 *
 * <pre>{@code
 * InputStream ──▶ Compression.open ──▶ TarReader.next ──▶ TarEntry
 *                 gzip, zstd, xz         │                 path, type, owner, time, xattrs
 *                 by their magic         └─ content()      the bytes that the archive stores
 * }</pre>
 *
 * <p>Byte strings are {@link java.lang.String}s with one ISO 8859-1 character for each byte: they
 * take one byte of memory a character, compare as unsigned bytes do, and never lose a byte that is
 * no UTF-8. {@link io.lazerofs.files.Printable} turns them into text for people. This is why
 * commons-compress does not read the archives: it decodes the values of pax records as UTF-8, which
 * destroys binary ones such as {@code security.capability}.
 *
 * <p>Understood are v7, ustar, GNU and pax archives: <a
 * href="https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html">POSIX.1, pax</a>,
 * "ustar Interchange Format" and "pax Interchange Format"; GNU tar's manual, "Basic Tar Format" and
 * "Sparse Formats"; SCHILY.xattr of star(5); LIBARCHIVE.xattr of libarchive's tar(5).
 */
@NullMarked
package io.lazerofs.tar;

import org.jspecify.annotations.NullMarked;
