package io.lazerofs.snapshotter.pull;

import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * A connection to containerd's gRPC socket, for one of its namespaces.
 *
 * <p>Safe for use by many threads at once. Closing it ends the calls that are under way.
 */
public final class ContainerdClient implements AutoCloseable {
  private static final Metadata.Key<String> NAMESPACE =
      Metadata.Key.of("containerd-namespace", Metadata.ASCII_STRING_MARSHALLER);
  private static final Metadata.Key<String> LEASE =
      Metadata.Key.of("containerd-lease", Metadata.ASCII_STRING_MARSHALLER);

  private final Path socket;
  private final String namespace;
  private final EventLoopGroup eventLoops;
  private final ManagedChannel channel;

  private ContainerdClient(Path socket, String namespace) {
    this.socket = socket;
    this.namespace = namespace;
    this.eventLoops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    this.channel =
        NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(socket))
            .channelType(NioDomainSocketChannel.class)
            .eventLoopGroup(eventLoops)
            .overrideAuthority("localhost")
            .usePlaintext()
            .build();
  }

  /**
   * Returns a client of the containerd that listens on {@code socket}; the connection itself is
   * made by the first call.
   *
   * @throws IOException when there is no such socket
   */
  public static ContainerdClient of(Path socket, String namespace) throws IOException {
    if (!Files.exists(socket)) {
      throw new IOException(
          "containerd: no socket at " + socket + "; start containerd or name its socket");
    }
    return new ContainerdClient(socket, namespace);
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
        channel, MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  /** Returns what a failed call means to a user: the call, the socket and containerd's words. */
  IOException failure(String what, StatusException e) {
    Status status = e.getStatus();
    String reason =
        status.getDescription() == null ? status.getCode().toString() : status.getDescription();
    if (status.getCode() == Status.Code.UNAVAILABLE && status.getCause() != null) {
      reason = "no answer (" + status.getCause().getMessage() + "); is containerd running?";
    }
    return new IOException("containerd at " + socket + ": " + what + ": " + reason, e);
  }

  @Override
  public void close() {
    channel.shutdownNow();
    eventLoops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }
}
