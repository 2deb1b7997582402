/**
 * What a daemon tells of itself to who watches over it: figures, health, and an HTTP server to ask.
 *
 * <pre>{@code
 * counters of fetcher, cache, mount ──▶ Figures ──▶ statistics of the socket: lazerofs status
 *                                          │
 *                                          ▼
 *                           Exposition ── GET /metrics ──▶ Prometheus
 *               MountProbe ──▶ Health ─── GET /healthz, /readyz ──▶ kubelet
 * }</pre>
 *
 * <p>All of it is read when it is asked for; counting itself is done where things happen, and costs
 * no more because somebody looks. The text is Prometheus's exposition format, version 0.0.4
 * (prometheus.io/docs/instrumenting/exposition_formats).
 */
@NullMarked
package io.lazerofs.snapshotter.metrics;

import org.jspecify.annotations.NullMarked;
