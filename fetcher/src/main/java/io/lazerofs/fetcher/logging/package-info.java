/**
 * What lines of the log are about: the snapshot, the layer, the image. Whoever begins to work on
 * one of them opens a {@link io.lazerofs.fetcher.logging.LogScope}, and every line that its thread
 * writes until the scope is closed carries it, also those of code that knows nothing of it.
 *
 * <pre>{@code
 * WARN HostHealth: registry.example fails and is left out for a while: … layer=sha256:4b… image=registry.example/app:1
 * }</pre>
 *
 * <p>It is SLF4J's mapped diagnostic context (slf4j.org/manual.html, "MDC").
 */
@NullMarked
package io.lazerofs.fetcher.logging;

import org.jspecify.annotations.NullMarked;
