package io.lazerofs.snapshotter.pull;

import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.StatusException;
import io.grpc.stub.MetadataUtils;
import io.lazerofs.snapshotter.rpc.SocketClient;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A connection to containerd, for one of its namespaces.
 *
 * <p>Safe for use by many threads at once. Closing it ends the calls that are under way.
 */
public final class ContainerdClient implements AutoCloseable {
  private static final Metadata.Key<String> NAMESPACE =
      Metadata.Key.of("containerd-namespace", Metadata.ASCII_STRING_MARSHALLER);
  private static final Metadata.Key<String> LEASE =
      Metadata.Key.of("containerd-lease", Metadata.ASCII_STRING_MARSHALLER);

  private final SocketClient client;
  private final String namespace;

  private ContainerdClient(SocketClient client, String namespace) {
    this.client = client;
    this.namespace = namespace;
  }

  /**
   * Returns a client of the containerd that listens on {@code socket}; the connection itself is
   * made by the first call.
   *
   * @throws IOException when there is no such socket
   */
  public static ContainerdClient of(Path socket, String namespace) throws IOException {
    return new ContainerdClient(SocketClient.of("containerd", socket), namespace);
  }

  /** Returns a channel whose calls are made in the namespace. */
  Channel channel() {
    return with(new Metadata());
  }

  /** Returns a channel whose calls are made in the namespace and under the lease {@code id}. */
  Channel channel(String id) {
    Metadata headers = new Metadata();
    headers.put(LEASE, id);
    return with(headers);
  }

  private Channel with(Metadata headers) {
    headers.put(NAMESPACE, namespace);
    return ClientInterceptors.intercept(
        client.channel(), MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  /** Returns what a failed call means to a user. */
  IOException failure(String what, StatusException e) {
    return client.failure(what, e);
  }

  @Override
  public void close() {
    client.close();
  }
}
