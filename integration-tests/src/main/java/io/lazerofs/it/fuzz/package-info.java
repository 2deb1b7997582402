/**
 * Hostile images: the reader meets mutants of real images, and must not be hurt by any.
 *
 * <pre>
 * Corpus ─► Original ─► StructureMap: where which field is
 *                 └───► Mutator(seed) ─► mutant ─► Walk: all of it ─► Outcome
 *                                          └─ GuardedSource: who reads outside?
 * </pre>
 *
 * <p>A mutant is an original with one to eight changes; original and seed fix it. It is walked and
 * read whole, and there are three good ends: refused at the start, wrong in places, or right. All
 * else is a {@link Finding}: any exception but the reader's own, an access outside the image, more
 * time than {@link TimeLimit#DEFAULT}, more memory than {@link Walk#CALL_MEMORY} for a call or
 * {@link Walk#IMAGE_MEMORY} for an image.
 *
 * <p>Findings are written as {@link Mutant}s, in text, and stay with the tests as regressions. The
 * fields are those of the kernel's fs/erofs/erofs_fs.h.
 */
@NullMarked
package io.lazerofs.it.fuzz;

import org.jspecify.annotations.NullMarked;
