/**
 * Which hosts a registry's images come from: containerd's {@code hosts.toml} and certificate files.
 *
 * <p>Below the directory of {@link io.lazerofs.fetcher.hosts.HostsDirectory} each registry may have
 * one of its own, {@code host_port_}, {@code host:port} or {@code host}, and {@code _default} is
 * for those that have none. In it is a file like this:
 *
 * <pre>{@code
 * server = "https://registry-1.docker.io"          # asked last; if not given, the registry itself
 *
 * [host."http://127.0.0.1:30020"]                  # asked first, as file order says
 *   capabilities = ["pull"]                        # blobs and manifests by digest, no tags
 *
 * [host."https://mirror.example:5000/cache"]       # asked at https://mirror.example:5000/cache/v2/
 *   ca = "mirror.crt"                              # beside this file
 *   client = [["client.cert", "client.key"]]
 * }</pre>
 *
 * <p>The format is containerd's (docs/hosts.md). A file that cannot be used is reported with its
 * line, and its registry is asked as if it had none, or as its last good version said.
 */
@NullMarked
package io.lazerofs.fetcher.hosts;

import org.jspecify.annotations.NullMarked;
