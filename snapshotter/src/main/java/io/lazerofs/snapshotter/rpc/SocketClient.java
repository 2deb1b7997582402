package io.lazerofs.snapshotter.rpc;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.netty.NettyChannelBuilder;
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
 * A connection to a gRPC server on a unix-domain socket.
 *
 * <p>Safe for use by many threads at once. Closing it ends the calls that are under way.
 */
public final class SocketClient implements AutoCloseable {
  /** The largest message: what the kubelet takes from the CRI. */
  private static final int MAX_MESSAGE_BYTES = 16 << 20;

  private final String server;
  private final Path socket;
  private final EventLoopGroup eventLoops;
  private final ManagedChannel channel;

  private SocketClient(String server, Path socket) {
    this.server = server;
    this.socket = socket;
    this.eventLoops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    this.channel =
        NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(socket))
            .channelType(NioDomainSocketChannel.class)
            .eventLoopGroup(eventLoops)
            .overrideAuthority("localhost")
            .maxInboundMessageSize(MAX_MESSAGE_BYTES)
            .usePlaintext()
            .build();
  }

  /**
   * Returns a client of the server that listens on {@code socket}; the connection itself is made by
   * the first call.
   *
   * @param server what to call it in messages
   * @throws IOException when there is no such socket
   */
  public static SocketClient of(String server, Path socket) throws IOException {
    if (!Files.exists(socket)) {
      throw new IOException(
          "%s: no socket at %s; start it, or say where its socket is".formatted(server, socket));
    }
    return later(server, socket);
  }

  /**
   * Returns a client of a server that may come and go; calls fail while there is none.
   *
   * @param server what to call it in messages
   */
  public static SocketClient later(String server, Path socket) {
    return new SocketClient(server, socket);
  }

  /**
   * Begins a call. After a failure to connect it has the channel connect anew, for the calls that
   * follow: the next attempt on the channel's own schedule can be two minutes away, though a server
   * on this machine is back in seconds.
   */
  public <Q, A> ClientCall<Q, A> call(MethodDescriptor<Q, A> method, CallOptions options) {
    if (channel.getState(false) == ConnectivityState.TRANSIENT_FAILURE) {
      channel.resetConnectBackoff();
    }
    return channel.newCall(method, options);
  }

  public Channel channel() {
    return channel;
  }

  /** Returns what a failed call means to a user: the server, the call and the server's words. */
  public IOException failure(String what, StatusException e) {
    Status status = e.getStatus();
    String reason =
        status.getDescription() == null ? status.getCode().toString() : status.getDescription();
    if (status.getCode() == Status.Code.UNAVAILABLE && status.getCause() != null) {
      reason = "no answer (" + status.getCause().getMessage() + "); is it running?";
    }
    return new IOException("%s at %s: %s: %s".formatted(server, socket, what, reason), e);
  }

  @Override
  public void close() {
    channel.shutdownNow();
    var unused = eventLoops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }
}
