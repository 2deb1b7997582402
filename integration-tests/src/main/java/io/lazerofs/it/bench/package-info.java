/**
 * Benchmarks of the decoders, each against the library that one would use without it, over the same
 * pclusters of real files. {@code ./bench.sh decoders} runs them.
 *
 * <pre>
 * a tar of this machine's files ──► Pclusters ──► lazerofs()  ─┐
 *                                                 library()   ─┴─► content bytes a µs: MB/s
 * </pre>
 *
 * <p>They are written for <a href="https://github.com/openjdk/jmh">JMH</a>.
 */
@NullMarked
package io.lazerofs.it.bench;

import org.jspecify.annotations.NullMarked;
