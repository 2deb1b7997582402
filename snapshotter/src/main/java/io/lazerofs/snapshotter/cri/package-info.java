/**
 * The logins of Kubernetes' pulls, from the CRI's image service.
 *
 * <pre>{@code
 * kubelet ── PullImage(image, auth) ──▶ ImageService ── the same bytes ──▶ containerd's CRI
 *   --image-service-endpoint               │ PullLogin                        │ Prepare
 *                                          ▼                                  ▼
 *                                 PulledCredentials ◀── reads of layers ── snapshotter
 * }</pre>
 *
 * <p>containerd tells a snapshotter the image, and never the login that it is pulled with
 * (containerd's issue 9931). So lazerofs stands between the kubelet and containerd for the calls
 * about images, and keeps the logins in memory. Calls are passed through as bytes: methods, fields
 * and headers that lazerofs does not know arrive as they were sent.
 *
 * <p>The interface is Kubernetes' {@code cri-api}, {@code runtime.v1.ImageService}.
 */
@NullMarked
package io.lazerofs.snapshotter.cri;

import org.jspecify.annotations.NullMarked;
