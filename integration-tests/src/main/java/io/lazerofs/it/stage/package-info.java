/**
 * The real parts that integration tests run on, each in a directory and on addresses of its own.
 *
 * <pre>{@code
 * @RegisterExtension static final Stage stage = new Stage();
 *
 * registry   = Registry.start(stage);                    // docker-registry, a free loopback port
 * daemon     = Daemon.start(stage);                      // bin/lazerofs snapshotter
 * containerd = Containerd.start(stage, daemon.socket()); // containerd with our proxy plug-in
 * }</pre>
 *
 * <p>A {@code Stage} ends what was started on it, and fails a test that leaves a mount, a process,
 * a socket or a loop device behind. Images are laid out as the OCI Image Format Specification,
 * "Image Layout", says.
 */
@NullMarked
package io.lazerofs.it.stage;

import org.jspecify.annotations.NullMarked;
