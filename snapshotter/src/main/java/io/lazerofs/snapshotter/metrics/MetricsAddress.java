package io.lazerofs.snapshotter.metrics;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;

/**
 * Where metrics are served: {@code 127.0.0.1:9100}, {@code [::1]:9100}, {@code localhost:9100} or
 * {@code unix:/run/lazerofs/metrics.sock}. Nobody logs in there, so it is this machine's loopback
 * and nothing else.
 */
public sealed interface MetricsAddress {

  /** A port of the loopback interface; port 0 is any that is free. */
  record Loopback(InetAddress host, int port) implements MetricsAddress {
    @Override
    public SocketAddress socketAddress() {
      return new InetSocketAddress(host, port);
    }
  }

  /** A socket in the file system, which only its owner can use. */
  record Unix(Path path) implements MetricsAddress {
    @Override
    public SocketAddress socketAddress() {
      return UnixDomainSocketAddress.of(path);
    }
  }

  /** Returns what to bind. */
  SocketAddress socketAddress();

  /**
   * Reads an address.
   *
   * @throws IllegalArgumentException when it is none, or is not of this machine alone
   */
  static MetricsAddress parse(String text) {
    if (text.startsWith("unix:")) {
      Path path = Path.of(text.substring("unix:".length()));
      if (!path.isAbsolute()) {
        throw new IllegalArgumentException("the path of a socket is absolute: " + text);
      }
      return new Unix(path.normalize());
    }
    int colon = text.lastIndexOf(':');
    if (colon < 0 || !text.substring(colon + 1).matches("[0-9]{1,5}")) {
      throw new IllegalArgumentException("neither HOST:PORT nor unix:PATH: " + text);
    }
    int port = Integer.parseInt(text.substring(colon + 1));
    InetAddress host = loopback(text.substring(0, colon));
    if (port > 0xffff) {
      throw new IllegalArgumentException("no port: " + port);
    }
    return new Loopback(host, port);
  }

  private static InetAddress loopback(String host) {
    try {
      // A name is looked up; "localhost" is the only one that this machine itself answers for.
      boolean literal = host.matches("[0-9.]+|\\[[0-9a-fA-F:]+]");
      if (literal || host.equals("localhost")) {
        InetAddress address = InetAddress.getByName(host);
        if (address.isLoopbackAddress()) {
          return address;
        }
      }
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("no address: " + host, e);
    }
    throw new IllegalArgumentException("not on the loopback interface: " + host);
  }
}
