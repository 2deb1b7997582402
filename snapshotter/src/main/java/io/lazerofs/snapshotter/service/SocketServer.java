package io.lazerofs.snapshotter.service;

import io.grpc.BindableService;
import io.grpc.HandlerRegistry;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * A gRPC server on a unix-domain socket that only its owner can reach. Each call has a virtual
 * thread of its own, and may wait.
 */
public final class SocketServer implements AutoCloseable {
  /** The longest path that a socket can have: sun_path in unix(7), less its terminator. */
  private static final int LONGEST_PATH = 107;

  private static final int EVENT_LOOPS = 1;

  /** The largest message of a method that is not served here: what the kubelet allows. */
  private static final int MAX_RELAYED_BYTES = 16 << 20;

  private final Path socket;
  private final Server server;
  private final EventLoopGroup eventLoops;
  private final ExecutorService calls;

  private SocketServer(
      Path socket, Server server, EventLoopGroup eventLoops, ExecutorService calls) {
    this.socket = socket;
    this.server = server;
    this.eventLoops = eventLoops;
    this.calls = calls;
  }

  /**
   * Binds the socket and serves. A socket that a dead process left is replaced; the directory is
   * made when it is missing.
   *
   * @throws IOException when the socket cannot be bound, or a live process serves it
   */
  public static SocketServer start(Path socket, List<BindableService> services) throws IOException {
    return start(socket, services, Optional.empty());
  }

  /**
   * Binds the socket and serves, as above.
   *
   * @param others answers the methods that no service has
   */
  public static SocketServer start(
      Path socket, List<BindableService> services, Optional<HandlerRegistry> others)
      throws IOException {
    prepare(socket);
    EventLoopGroup eventLoops =
        new MultiThreadIoEventLoopGroup(EVENT_LOOPS, NioIoHandler.newFactory());
    ExecutorService calls =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("call-", 0).factory());
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(UnixDomainSocketAddress.of(socket))
            .channelType(NioServerDomainSocketChannel.class)
            .bossEventLoopGroup(eventLoops)
            .workerEventLoopGroup(eventLoops)
            .executor(calls);
    services.forEach(builder::addService);
    others.ifPresent(handlers ->
        builder.fallbackHandlerRegistry(handlers).maxInboundMessageSize(MAX_RELAYED_BYTES));
    SocketServer server = new SocketServer(socket, builder.build(), eventLoops, calls);
    try {
      server.server.start();
      Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
      return server;
    } catch (IOException | RuntimeException e) {
      server.stop(Duration.ZERO);
      throw new IOException("cannot serve on " + socket + ": " + e.getMessage(), e);
    }
  }

  /** Stops accepting calls, lets those under way end for a while, and removes the socket. */
  public void close(Duration patience) throws IOException {
    stop(patience);
    Files.deleteIfExists(socket);
  }

  private void stop(Duration patience) {
    server.shutdown();
    try {
      if (!server.awaitTermination(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        server.shutdownNow();
      }
    } catch (InterruptedException e) {
      server.shutdownNow();
      Thread.currentThread().interrupt();
    } finally {
      var _ = eventLoops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
      calls.shutdownNow();
    }
  }

  @Override
  public void close() throws IOException {
    close(Duration.ofSeconds(5));
  }

  private static void prepare(Path socket) throws IOException {
    int length = socket.toString().getBytes(StandardCharsets.UTF_8).length;
    if (length > LONGEST_PATH) {
      throw new IOException(
          "the path of a socket has at most %d bytes, this one has %d: %s"
              .formatted(LONGEST_PATH, length, socket));
    }
    Path directory = socket.toAbsolutePath().getParent();
    if (directory != null) {
      Files.createDirectories(
          directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
    if (Files.exists(socket, LinkOption.NOFOLLOW_LINKS)) {
      if (!Files.readAttributes(socket, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
          .isOther()) {
        throw new IOException(socket + " is there and is no socket");
      }
      if (isServed(socket)) {
        throw new IOException("another process serves " + socket);
      }
      Files.delete(socket);
    }
  }

  private static boolean isServed(Path socket) {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      return channel.connect(UnixDomainSocketAddress.of(socket));
    } catch (IOException refused) {
      return false;
    }
  }
}
