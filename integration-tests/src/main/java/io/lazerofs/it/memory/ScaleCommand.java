package io.lazerofs.it.memory;

import io.grpc.StatusException;
import io.lazerofs.snapshotter.proto.DaemonGrpc;
import io.lazerofs.snapshotter.proto.Mount;
import io.lazerofs.snapshotter.proto.MountsRequest;
import io.lazerofs.snapshotter.proto.PrepareSnapshotRequest;
import io.lazerofs.snapshotter.proto.RemoveSnapshotRequest;
import io.lazerofs.snapshotter.proto.SnapshotsGrpc;
import io.lazerofs.snapshotter.proto.StatisticsRequest;
import io.lazerofs.snapshotter.proto.ViewSnapshotRequest;
import io.lazerofs.snapshotter.rpc.SocketClient;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Measures how a snapshotter's answers depend on the number of its layers. The calls are timed by
 * one client that is warm; digests of layers come from standard input.
 *
 * <pre>
 * ScaleCommand steps REGISTRY SOCKET COUNT...   "COUNT WHAT NANOSECONDS" for each sample
 * ScaleCommand containers SOCKET COUNT DIR      mounts as many containers in DIR, and leaves them
 * ScaleCommand starts SOCKET ROUNDS COMMAND...  milliseconds from exec to the first answer
 * </pre>
 */
public final class ScaleCommand {
  private static final int SAMPLES = 100;
  private static final int WARM_UP = 300;
  private static final long ANSWER_NANOS = TimeUnit.SECONDS.toNanos(60);
  private static final long POLL_NANOS = TimeUnit.MICROSECONDS.toNanos(500);

  /** One call that is timed. */
  @FunctionalInterface
  private interface Timed {
    void run() throws StatusException, IOException;
  }

  private final SocketClient client;
  private final SnapshotsGrpc.SnapshotsBlockingV2Stub snapshots;
  private int keys;

  private ScaleCommand(SocketClient client) {
    this.client = client;
    this.snapshots = SnapshotsGrpc.newBlockingV2Stub(client.channel());
  }

  /**
   * Measures.
   *
   * @throws IOException when the snapshotter refuses a call
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    List<String> words = Arrays.asList(args);
    if (args.length > 3 && args[0].equals("steps")) {
      try (SocketClient client = SocketClient.of("snapshotter", Path.of(args[2]))) {
        new ScaleCommand(client)
            .steps(args[1], words.subList(3, args.length).stream().map(Integer::valueOf).toList());
      }
    } else if (args.length == 4 && args[0].equals("containers")) {
      try (SocketClient client = SocketClient.of("snapshotter", Path.of(args[1]))) {
        new ScaleCommand(client).containers(Integer.parseInt(args[2]), Path.of(args[3]));
      }
    } else if (args.length > 3 && args[0].equals("starts")) {
      starts(Path.of(args[1]), Integer.parseInt(args[2]), words.subList(3, args.length));
    } else {
      System.err.println(
          "usage: ScaleCommand steps REGISTRY SOCKET COUNT..."
              + " | containers SOCKET COUNT DIR | starts SOCKET ROUNDS COMMAND...");
      System.exit(2);
    }
  }

  private void steps(String registry, List<Integer> counts) throws IOException {
    List<String> layers = digests();
    int prepared = 0;
    for (int count : counts) {
      List<String> fresh = layers.subList(prepared, count);
      for (String digest : fresh) {
        ManyLayersCommand.prepare(client, registry, digest);
      }
      if (prepared == 0) {
        for (int i = 0; i < WARM_UP; i++) {
          call("warming up", () -> container(layers.getFirst(), new long[2]));
        }
      }
      measure(count, layers.subList(0, count), fresh);
      prepared = count;
    }
  }

  private void measure(int count, List<String> layers, List<String> fresh) throws IOException {
    for (int i = 0; i < SAMPLES; i++) {
      String parent = layers.get(i * layers.size() / SAMPLES);
      long[] nanos = new long[2];
      call("a container on " + parent, () -> container(parent, nanos));
      print(count, "prepare", nanos[0]);
      print(count, "mounts", nanos[1]);
    }
    for (String layer : fresh.subList(Math.max(0, fresh.size() - SAMPLES), fresh.size())) {
      call("a lookup in " + layer, () -> print(count, "lookup", lookup(layer)));
    }
  }

  /** Makes a container's snapshot, asks how it is mounted, and removes it. */
  private void container(String parent, long[] nanos) throws StatusException, IOException {
    String key = "container-" + keys++;
    var prepare = PrepareSnapshotRequest.newBuilder().setKey(key).setParent(parent).build();
    var mounts = MountsRequest.newBuilder().setKey(key).build();
    long begin = System.nanoTime();
    var _ = snapshots.prepare(prepare);
    long prepared = System.nanoTime();
    var _ = snapshots.mounts(mounts);
    nanos[1] = System.nanoTime() - prepared;
    nanos[0] = prepared - begin;
    var _ = snapshots.remove(RemoveSnapshotRequest.newBuilder().setKey(key).build());
  }

  /** Returns how long the first lookup of a file of a layer takes that nobody has looked into. */
  private long lookup(String layer) throws StatusException, IOException {
    String key = "view-" + keys++;
    var view = ViewSnapshotRequest.newBuilder().setKey(key).setParent(layer).build();
    Path file = Path.of(snapshots.view(view).getMounts(0).getSource(), "file");
    long begin = System.nanoTime();
    long size = Files.size(file);
    long nanos = System.nanoTime() - begin;
    if (size == 0) {
      throw new IOException(file + " is empty");
    }
    var _ = snapshots.remove(RemoveSnapshotRequest.newBuilder().setKey(key).build());
    return nanos;
  }

  private void containers(int count, Path directory) throws IOException, InterruptedException {
    List<String> layers = digests();
    for (int i = 0; i < count; i++) {
      String parent = layers.get(i % layers.size());
      String key = "held-" + i;
      Path target = Files.createDirectories(directory.resolve(Integer.toString(i)));
      List<Mount> mounts = new ArrayList<>();
      var prepare = PrepareSnapshotRequest.newBuilder().setKey(key).setParent(parent).build();
      call(key, () -> mounts.addAll(snapshots.prepare(prepare).getMountsList()));
      String options = String.join(",", mounts.getFirst().getOptionsList());
      run("mount", "-t", "overlay", "overlay", "-o", options, target.toString());
      var _ = Files.readAllBytes(target.resolve("file"));
    }
  }

  private static void starts(Path socket, int rounds, List<String> command)
      throws IOException, InterruptedException {
    // The first one warms this client up.
    for (int round = 0; round <= rounds; round++) {
      long begin = System.nanoTime();
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      try {
        awaitConnection(socket, begin + ANSWER_NANOS);
        try (SocketClient client = SocketClient.of("snapshotter", socket)) {
          var _ =
              DaemonGrpc.newBlockingV2Stub(client.channel())
                  .statistics(StatisticsRequest.getDefaultInstance());
        } catch (StatusException e) {
          throw new IOException("no answer", e);
        }
        if (round > 0) {
          System.out.println(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin));
        }
      } finally {
        process.destroy();
        process.waitFor();
      }
    }
  }

  /** Waits by connecting: a gRPC channel that is refused waits for a second. */
  private static void awaitConnection(Path socket, long deadline) throws IOException {
    while (System.nanoTime() < deadline) {
      try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
        if (channel.connect(UnixDomainSocketAddress.of(socket))) {
          return;
        }
      } catch (IOException refused) {
        LockSupport.parkNanos(POLL_NANOS);
      }
    }
    throw new IOException("nobody serves " + socket);
  }

  private void call(String what, Timed timed) throws IOException {
    try {
      timed.run();
    } catch (StatusException e) {
      throw client.failure(what, e);
    }
  }

  private static void run(String... command) throws IOException, InterruptedException {
    int status = new ProcessBuilder(command).inheritIO().start().waitFor();
    if (status != 0) {
      throw new IOException(String.join(" ", command) + ": exit status " + status);
    }
  }

  private static void print(int count, String what, long nanos) {
    System.out.printf("%d %s %d%n", count, what, nanos);
  }

  private static List<String> digests() throws IOException {
    try (var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      return lines.lines().toList();
    }
  }
}
