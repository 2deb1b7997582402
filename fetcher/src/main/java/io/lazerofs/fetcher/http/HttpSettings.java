package io.lazerofs.fetcher.http;

import java.time.Duration;
import java.util.Locale;
import java.util.Set;

/**
 * How to talk to servers.
 *
 * @param plainHttpHosts hosts that are spoken to without TLS, as {@code host} or {@code host:port};
 *     loopback hosts are always
 * @param connectTimeout the longest wait for a connection
 * @param readTimeout the longest wait for the next bytes of an answer, or to send those of a
 *     request
 * @param deadline how long a request is tried again without any progress; an attempt that is under
 *     way then may last another {@code readTimeout}
 */
public record HttpSettings(
    Set<String> plainHttpHosts, Duration connectTimeout, Duration readTimeout, Duration deadline) {

  public HttpSettings {
    plainHttpHosts = Set.copyOf(plainHttpHosts);
  }

  /** Returns what suits a network without surprises: 10 s, 20 s and 60 s; TLS but for loopback. */
  public static HttpSettings defaults() {
    return new HttpSettings(
        Set.of(), Duration.ofSeconds(10), Duration.ofSeconds(20), Duration.ofSeconds(60));
  }

  /** Returns these settings with other hosts that are spoken to without TLS. */
  public HttpSettings withPlainHttpHosts(Set<String> hosts) {
    return new HttpSettings(hosts, connectTimeout, readTimeout, deadline);
  }

  /** Returns these settings with another longest wait for a connection, and for bytes. */
  public HttpSettings withStall(Duration stall) {
    return new HttpSettings(plainHttpHosts, stall, stall, deadline);
  }

  /** Returns these settings with another deadline. */
  public HttpSettings withDeadline(Duration other) {
    return new HttpSettings(plainHttpHosts, connectTimeout, readTimeout, other);
  }

  /**
   * Returns whether a host may be spoken to without TLS.
   *
   * @param host a name or an address, IPv6 with or without brackets
   * @param port the port that is spoken to
   */
  public boolean allowsPlainHttp(String host, int port) {
    String bare = host.replaceAll("[\\[\\]]", "").toLowerCase(Locale.ROOT);
    return isLoopback(bare)
        || plainHttpHosts.contains(bare)
        || plainHttpHosts.contains(bare + ":" + port)
        || plainHttpHosts.contains("[" + bare + "]:" + port);
  }

  // By the text alone: what a name resolves to is the network's word, not the user's.
  private static boolean isLoopback(String host) {
    return host.equals("localhost")
        || host.equals("::1")
        || host.matches("127\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}");
  }
}
