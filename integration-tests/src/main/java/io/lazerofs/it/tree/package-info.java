/**
 * Trees of files as a test sees them, from three sides, in one form to compare: what the kernel
 * says of a mount, what our reader says of an image, and what somebody else listed.
 *
 * <pre>
 * mount ──► MountedTree ─┐
 * image ──► ImageTree ───┼─► path → FileFacts ──► Differences
 * plan or listing ───────┘
 * </pre>
 *
 * <p>Names, targets and values are byte strings, one character a byte (ISO 8859-1), for Linux lets
 * them be any bytes. The system calls are those of POSIX.1-2017 and of Linux's manual pages, made
 * directly, because Java's own files hide some of what they answer.
 */
@NullMarked
package io.lazerofs.it.tree;

import org.jspecify.annotations.NullMarked;
