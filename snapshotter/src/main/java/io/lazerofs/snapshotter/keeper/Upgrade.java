package io.lazerofs.snapshotter.keeper;

import io.lazerofs.sys.ChildProcess;
import io.lazerofs.sys.Descriptor;
import io.lazerofs.sys.OpenFlag;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;

/**
 * The change from a daemon that runs to another one on the same root.
 *
 * <pre>{@code
 * new one starts beside the old one, loads, reads its configuration     fails: the old one goes on
 * new one asks the old one to leave, which answers what it has begun
 * new one takes the mount over, and serves                              fails: the old one is started again
 * }</pre>
 */
public final class Upgrade {
  /** In the environment of a daemon that is to take the place of the one that runs. */
  public static final String TAKE_PLACE = "LAZEROFS_TAKE_PLACE";

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration POLL = Duration.ofMillis(20);
  private static final Path PROCESSES = Path.of("/proc");

  private final Path lock;
  private final Path record;
  private final Daemon old;

  /**
   * The daemon that runs.
   *
   * @param identity its process
   * @param keeper the process that keeps its mount
   * @param words its command
   * @param environment as {@code NAME=value}
   */
  private record Daemon(
      ProcessIdentity identity,
      ProcessIdentity keeper,
      List<byte[]> words,
      List<byte[]> environment) {
    Path files() {
      return PROCESSES.resolve(Long.toString(identity.pid())).resolve("fd");
    }
  }

  private Upgrade(Path lock, Path record, Daemon old) {
    this.lock = lock;
    this.record = record;
    this.old = old;
  }

  /**
   * Looks at the daemon that runs.
   *
   * @param lock the file that it holds locked
   * @param record where it is written who keeps its mount
   * @throws IOException when there is none, it is a service manager's, or this version cannot take
   *     its mount over; nothing has changed
   */
  public static Upgrade prepare(Path lock, Path record) throws IOException {
    ProcessIdentity daemon =
        ProcessIdentity.of(owner(lock))
            .orElseThrow(() -> new IOException("no snapshotter runs that could be upgraded"));
    SessionRecord kept =
        SessionRecord.read(record)
            .orElseThrow(() -> new IOException("nobody keeps the mount of the one that runs"));
    Path process = PROCESSES.resolve(Long.toString(daemon.pid()));
    List<byte[]> environment = Keeper.strings(process.resolve("environ"));
    boolean managed =
        environment.stream()
            .anyMatch(entry ->
                new String(entry, StandardCharsets.UTF_8).startsWith(Watcher.MANAGER + "="));
    if (managed) {
      throw new IOException("it runs under a service manager; restart it there");
    }
    return new Upgrade(
        lock,
        record,
        new Daemon(daemon, kept.keeper(), Keeper.strings(process.resolve("cmdline")), environment));
  }

  /**
   * Changes to another daemon, and returns its process when it serves.
   *
   * @param command the words that start it, a path first
   * @param environment what it has in its environment
   * @throws IOException when it failed; the old one serves then, or the message says that it does
   *     not
   */
  public long run(List<String> command, Map<String, String> environment) throws IOException {
    List<byte[]> entries = new ArrayList<>();
    environment.forEach((name, value) -> entries.add(bytes(name + "=" + value)));
    entries.add(bytes(TAKE_PLACE + "=yes"));
    // Opened while the old one has them.
    try (Descriptor out = log(1);
        Descriptor err = log(2)) {
      Map<Integer, Integer> logs = Map.of(1, out.number(), 2, err.number());
      ChildProcess fresh =
          ChildProcess.start(
              command.getFirst(), command.stream().map(Upgrade::bytes).toList(), entries, logs);
      if (awaitNext(fresh, old.identity, old.keeper)) {
        return owner(lock);
      }
      // One that gave the root up ends, though its process may take a moment more.
      if (owner(lock) == old.identity.pid() && old.identity.isAlive()) {
        throw new IOException("the new snapshotter failed, see its log; the old one goes on");
      }
      long pid = restartOld(logs);
      throw new IOException(
          "the new snapshotter failed, see its log; the old one was started again, process " + pid);
    }
  }

  private long restartOld(Map<Integer, Integer> logs) throws IOException {
    ProcessIdentity keeper =
        SessionRecord.read(record).map(SessionRecord::keeper).orElse(old.keeper);
    ChildProcess again =
        ChildProcess.start(Keeper.SHELL, Keeper.watching(old.words), old.environment, logs);
    if (!awaitNext(again, old.identity, keeper)) {
      throw new IOException("neither the new snapshotter nor the old one starts, see their log");
    }
    return owner(lock);
  }

  /**
   * Waits until a daemon serves that is not {@code last}.
   *
   * @return whether one does; if not, {@code started} has ended
   */
  private boolean awaitNext(ChildProcess started, ProcessIdentity last, ProcessIdentity keeper)
      throws IOException {
    CompletableFuture<Void> end = new CompletableFuture<>();
    Thread.ofPlatform()
        .daemon()
        .start(() -> {
          started.awaitEnd();
          end.complete(null);
        });
    long begin = System.nanoTime();
    while (!serves(last, keeper)) {
      if (end.isDone()) {
        return false;
      }
      if (System.nanoTime() - begin > PATIENCE.toNanos()) {
        throw new IOException(
            "process %d has not been ready for %d s, see its log"
                .formatted(started.pid(), PATIENCE.toSeconds()));
      }
      LockSupport.parkNanos(POLL.toNanos());
    }
    return true;
  }

  /** Whether another daemon has the root, and has put its own keeper on record: it serves then. */
  private boolean serves(ProcessIdentity last, ProcessIdentity keeper) throws IOException {
    long pid = owner(lock);
    return pid != last.pid()
        && ProcessIdentity.of(pid).isPresent()
        && SessionRecord.read(record).filter(now -> !now.keeper().equals(keeper)).isPresent();
  }

  /** Opens what the old daemon writes its log to. */
  private Descriptor log(int number) throws IOException {
    Path file = old.files().resolve(Integer.toString(number));
    return Descriptor.open(
        Descriptor.WORKING_DIRECTORY,
        bytes(file.toString()),
        OpenFlag.WRITE_ONLY | OpenFlag.APPEND,
        0,
        file::toString);
  }

  /** Returns the process that holds a lock, 0 when none is written there. */
  private static long owner(Path lock) throws IOException {
    try {
      String text = Files.readString(lock, StandardCharsets.US_ASCII).split(" ", 2)[0];
      return text.isEmpty() ? 0 : Long.parseLong(text);
    } catch (NoSuchFileException | NumberFormatException e) {
      return 0;
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
