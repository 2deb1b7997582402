package io.lazerofs.it.proxy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A reverse HTTP/1.1 proxy on a free loopback port that delays, slows and counts what passes, and
 * spoils it on demand. A virtual thread serves each connection.
 *
 * <p>All methods are safe for use by many threads. Closing it ends the connections that are open.
 */
public final class ThrottlingProxy implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ThrottlingProxy.class);
  private static final int BACKLOG = 256;

  private final Line line;
  private final Pace pace;
  private final Upstream upstream;
  private final Socket keeper = new Socket();
  private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
  private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
  private final SignedUrls signedUrls = new SignedUrls();
  private final List<Exchange> exchanges = new CopyOnWriteArrayList<>();
  private final Map<Pattern, Fault> faults = new ConcurrentHashMap<>();
  private final AtomicLong requests = new AtomicLong();
  private volatile FaultPlan plan = FaultPlan.NONE;
  private volatile Door door = Door.OPEN;

  /** Replaced under the monitor of this object. */
  private ServerSocket listener;

  private ThrottlingProxy(String upstream, Line line) throws IOException {
    this.line = line;
    this.upstream = new Upstream(upstream);
    pace = new Pace(line.bytesPerSecond());
    // Bound and not listening, it keeps the port ours while the door is shut.
    keeper.setReuseAddress(true);
    keeper.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    try {
      listener = listen();
    } catch (IOException e) {
      keeper.close();
      throw e;
    }
  }

  /**
   * Starts a proxy.
   *
   * @param upstream host and port of the registry
   * @throws IOException if no port can be had
   */
  public static ThrottlingProxy start(String upstream, Line line) throws IOException {
    return new ThrottlingProxy(upstream, line);
  }

  private ServerSocket listen() throws IOException {
    ServerSocket opened = new ServerSocket();
    opened.setReuseAddress(true);
    opened.bind(keeper.getLocalSocketAddress(), BACKLOG);
    workers.execute(() -> accept(opened));
    return opened;
  }

  /** Host and port that it listens on. */
  public String address() {
    return "127.0.0.1:" + keeper.getLocalPort();
  }

  /** What has passed so far, in the order of completion. */
  public List<Exchange> exchanges() {
    return List.copyOf(exchanges);
  }

  /** Forgets what has passed so far. */
  public void forget() {
    exchanges.clear();
  }

  /**
   * From now on meets each request whose path with query matches {@code path} with {@code fault}.
   */
  public void spoil(Pattern path, Fault fault) {
    faults.put(path, fault);
  }

  /** From now on asks a plan about each request that no path's fault is for. */
  public void follow(FaultPlan changed) {
    plan = changed;
  }

  /** Ends every fault, and opens the door. */
  public void heal() throws IOException {
    faults.clear();
    plan = FaultPlan.NONE;
    door(Door.OPEN);
  }

  /**
   * Meets those who connect in another way; one that is not open also ends the connections that
   * there are.
   *
   * @throws IOException if the port cannot be listened on again
   */
  public synchronized void door(Door changed) throws IOException {
    door = changed;
    if (changed == Door.SHUT) {
      listener.close();
    } else if (listener.isClosed()) {
      listener = listen();
    }
    if (changed != Door.OPEN) {
      connections.forEach(ThrottlingProxy::end);
    }
  }

  @Override
  public synchronized void close() throws IOException {
    try (upstream;
        keeper) {
      listener.close();
      workers.shutdownNow();
      connections.forEach(ThrottlingProxy::end);
    }
    workers.close();
  }

  private void accept(ServerSocket from) {
    while (!from.isClosed()) {
      try {
        Socket socket = from.accept();
        workers.execute(() -> serve(socket));
      } catch (IOException e) {
        if (!from.isClosed()) {
          LOG.warn("a connection was not accepted", e);
        }
      }
    }
  }

  private void serve(Socket socket) {
    connections.add(socket);
    try (socket) {
      // Looked at after the socket is where door() finds it: one of the two ends it.
      if (door == Door.OPEN) {
        new Conversation(this, socket).hold();
      }
    } catch (IOException e) {
      LOG.debug("a connection ended: {}", e.getMessage());
    } finally {
      connections.remove(socket);
    }
  }

  private static void end(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      LOG.debug("a connection was not closed cleanly", e);
    }
  }

  Optional<Fault> faultFor(RequestHead head) {
    long number = requests.getAndIncrement();
    return faults.entrySet().stream()
        .filter(fault -> fault.getKey().matcher(head.target()).find())
        .map(Map.Entry::getValue)
        .findFirst()
        .or(() -> plan.faultFor(number, head.target(), head.header("Range").orElse("")));
  }

  void note(RequestHead head, int status, long bytes) {
    exchanges.add(new Exchange(head.method(), head.target(), head.header("Range"), status, bytes));
  }

  /** Returns an address of another name for this host that serves {@code uses} requests. */
  String signed(String target, int uses) {
    return "http://localhost:" + keeper.getLocalPort() + signedUrls.sign(target, uses);
  }

  /** Returns what is to be asked of the registry; empty when the signature has expired. */
  Optional<String> unsigned(String target) {
    return SignedUrls.isSigned(target) ? signedUrls.redeem(target) : Optional.of(target);
  }

  Upstream upstream() {
    return upstream;
  }

  Pace pace() {
    return pace;
  }

  Duration delay() {
    return line.delay();
  }
}
