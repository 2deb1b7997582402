/**
 * What a JVM is shown at build time so that later ones start fast: one pull, on both sides of the
 * socket, against a registry and a containerd that are only as real as that takes.
 *
 * <pre>{@code
 * java -XX:AOTCacheOutput=lazerofs.aot … Rehearsal      at build time
 * java -XX:AOTCache=lazerofs.aot … Lazerofs pull REF    ever after
 * }</pre>
 *
 * <p>The JVM writes which classes were loaded and linked, and what was learnt of hot methods, to
 * its ahead-of-time cache (JEP 483, JEP 514). A cache that fits no more is passed over by the JVM,
 * which then only starts slower.
 */
@NullMarked
package io.lazerofs.snapshotter.rehearsal;

import org.jspecify.annotations.NullMarked;
