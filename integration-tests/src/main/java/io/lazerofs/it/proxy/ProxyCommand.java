package io.lazerofs.it.proxy;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/**
 * The proxy as a process of its own, for the benchmarks: {@code ProxyCommand REGISTRY DELAY_MS
 * MBIT_PER_SECOND} prints its address and serves until it is killed.
 */
public final class ProxyCommand {
  private static final int BYTES_PER_MBIT = 1_000_000 / 8;

  private ProxyCommand() {}

  /**
   * Serves until the process is killed.
   *
   * @param args host and port of the registry, delay of each request in milliseconds, rate in
   *     Mbit/s
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    if (args.length != 3) {
      System.err.println("usage: ProxyCommand REGISTRY DELAY_MS MBIT_PER_SECOND");
      System.exit(2);
    }
    var line =
        new Line(
            Duration.ofMillis(Long.parseLong(args[1])), Long.parseLong(args[2]) * BYTES_PER_MBIT);
    try (var proxy = ThrottlingProxy.start(args[0], line)) {
      System.out.println("listening on " + proxy.address());
      new CountDownLatch(1).await();
    }
  }
}
