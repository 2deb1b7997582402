/**
 * The kernel as the judge of our reader and writer, on random trees, in both directions.
 *
 * <pre>
 * seed ─► RandomTree ─┬─► TarStream or a directory ─► our writer ─► image ─► kernel's mount ─┐
 *                     │                                             └──────► our reader ─────┼─► same as the tree?
 *                     └─► a directory ─► mkfs.erofs ─► image ─► kernel's mount ──────────────┤
 *                                                      └──────► our reader ──────────────────┘
 * </pre>
 *
 * <p>A seed fixes the tree, the direction and every option, so a failure needs nothing else to be
 * made again. The format is that of the kernel's Documentation/filesystems/erofs.rst.
 */
@NullMarked
package io.lazerofs.it.conformance;

import org.jspecify.annotations.NullMarked;
