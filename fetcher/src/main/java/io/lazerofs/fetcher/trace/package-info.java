/**
 * What a container reads first, kept beside its image, and fetched ahead the next time: {@link
 * io.lazerofs.fetcher.trace.Trace} is the list, in the order of time across all layers.
 *
 * <pre>{@code
 * reads ──▶ LazyBlob ──▶ TouchRecorder ── touches ──▶ Trace ── TraceStore.put ──▶ registry
 *              ▲                                                                     │
 *              └─ fetchForStart ─ TraceFollower ◀── PrefetchPlan ◀── TraceStore.find ──┘
 * }</pre>
 *
 * <p>In a registry a trace is an artifact whose subject is the image (OCI image specification 1.1,
 * manifest.md, "subject"): the image itself does not change. It is what anybody with the right to
 * push wrote: {@link io.lazerofs.fetcher.trace.TraceFormat} checks it, and what is fetched by it is
 * verified as all else is. A wrong trace costs bytes, within a budget, and never a wrong byte.
 */
@NullMarked
package io.lazerofs.fetcher.trace;

import org.jspecify.annotations.NullMarked;
