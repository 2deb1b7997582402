package io.lazerofs.snapshotter.metrics;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lazerofs.snapshotter.metrics.Health.State;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.timeout.ReadTimeoutHandler;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP server for who watches over the daemon: {@code /metrics}, {@code /healthz} (200 unless
 * the mount hangs) and {@code /readyz} (200 when calls are served). A connection is for one
 * question.
 *
 * <p>One thread does the network; answers, which may wait for the mount, are made on virtual
 * threads.
 */
public final class MetricsServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(MetricsServer.class);

  /** None of the questions has a body. */
  private static final int LONGEST_BODY = 0;

  private static final int SLOWEST_QUESTION_SECONDS = 10;

  private final MetricsAddress address;
  private final Figures figures;
  private final Health health;
  private final EventLoopGroup eventLoop =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final ExecutorService answers =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("metrics-", 0).factory());
  private final Channel channel;

  private MetricsServer(MetricsAddress address, Figures figures, Health health) throws IOException {
    this.address = address;
    this.figures = figures;
    this.health = health;
    ServerBootstrap server =
        new ServerBootstrap()
            .group(eventLoop)
            .channel(
                address instanceof MetricsAddress.Unix
                    ? NioServerDomainSocketChannel.class
                    : NioServerSocketChannel.class)
            .childHandler(new Pipeline());
    try {
      channel = server.bind(address.socketAddress()).syncUninterruptibly().channel();
    } catch (Exception e) {
      // Netty throws what the system says, checked or not, undeclared.
      stop();
      throw new IOException("metrics: cannot serve on " + address + ": " + e.getMessage(), e);
    }
  }

  /**
   * Serves from now on. A socket that a dead process left is replaced: whoever calls this has the
   * root of the daemon for itself.
   *
   * @throws IOException when the address cannot be had
   */
  public static MetricsServer start(MetricsAddress address, Figures figures, Health health)
      throws IOException {
    if (address instanceof MetricsAddress.Unix(var path)) {
      Files.deleteIfExists(path);
    }
    MetricsServer server = new MetricsServer(address, figures, health);
    if (address instanceof MetricsAddress.Unix(var path)) {
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
    }
    log.info("metrics: {}", server.boundTo());
    return server;
  }

  /** Returns where it listens, with the port that was chosen. */
  public SocketAddress boundTo() {
    return channel.localAddress();
  }

  /** What is done with each connection. */
  private final class Pipeline extends ChannelInitializer<Channel> {
    @Override
    protected void initChannel(Channel connection) {
      connection
          .pipeline()
          .addLast(
              new ReadTimeoutHandler(SLOWEST_QUESTION_SECONDS),
              new HttpServerCodec(),
              new HttpObjectAggregator(LONGEST_BODY),
              new Answering());
    }
  }

  /** Answers the question of a connection. */
  private final class Answering extends SimpleChannelInboundHandler<FullHttpRequest> {
    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
      boolean isHttp = request.decoderResult().isSuccess();
      HttpMethod method = request.method();
      String path = request.uri().replaceFirst("\\?.*", "");
      answers.execute(() ->
          context
              .writeAndFlush(
                  isHttp
                      ? answer(method, path)
                      : response(HttpResponseStatus.BAD_REQUEST, "what?\n"))
              .addListener(ChannelFutureListener.CLOSE));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      log.debug("metrics: a connection ends: {}", cause.toString());
      context.close();
    }
  }

  private FullHttpResponse answer(HttpMethod method, String path) {
    if (!method.equals(HttpMethod.GET)) {
      return response(HttpResponseStatus.METHOD_NOT_ALLOWED, "GET only\n");
    }
    return switch (path) {
      case "/metrics" -> response(HttpResponseStatus.OK, Metrics.page(figures));
      case "/healthz" -> health(State.READY, State.STARTING);
      case "/readyz" -> health(State.READY);
      default -> response(HttpResponseStatus.NOT_FOUND, "/metrics, /healthz, /readyz\n");
    };
  }

  private FullHttpResponse health(State... good) {
    State state = health.state();
    return response(
        List.of(good).contains(state)
            ? HttpResponseStatus.OK
            : HttpResponseStatus.SERVICE_UNAVAILABLE,
        state + "\n");
  }

  private static FullHttpResponse response(HttpResponseStatus status, String text) {
    FullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1, status, Unpooled.copiedBuffer(text, UTF_8));
    response
        .headers()
        .set(HttpHeaderNames.CONTENT_TYPE, Exposition.CONTENT_TYPE)
        .set(HttpHeaderNames.CONTENT_LENGTH, response.content().readableBytes())
        .set(HttpHeaderNames.CONNECTION, "close");
    return response;
  }

  /** Answers no more, and removes the socket if it has one in the file system. */
  @Override
  public void close() throws IOException {
    if (!channel.isOpen()) {
      return;
    }
    channel.close().syncUninterruptibly();
    stop();
    if (address instanceof MetricsAddress.Unix(var path)) {
      Files.deleteIfExists(path);
    }
  }

  private void stop() {
    answers.shutdownNow();
    var _ = eventLoop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }
}
