package io.lazerofs.snapshotter.keeper;

import io.lazerofs.files.FileSystemType;
import io.lazerofs.fuse.FuseServer;
import io.lazerofs.fuse.sys.FuseDevice;
import io.lazerofs.sys.Descriptor;
import io.lazerofs.sys.HeldProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a daemon's mount for the next daemon: there is a keeper as long as the mount is served, and
 * it is on record. Safe for use by many threads.
 */
public final class MountKeeping implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(MountKeeping.class);
  private static final Path MOUNTS = Path.of("/proc/self/mountinfo");

  /** How often a keeper that dies is replaced; one that is killed all the time is left alone. */
  private static final int MOST_KEEPERS = 100;

  private final Path record;
  private final Watcher watcher;

  /** Guarded by this. */
  private @Nullable Keeper keeper;

  /** Guarded by this. */
  private boolean closed;

  /**
   * @param record where it is written who keeps the mount
   */
  public MountKeeping(Path record, Watcher watcher) {
    this.record = record;
    this.watcher = watcher;
  }

  /**
   * Returns the mount that an earlier daemon left, if it can be served on. Why it cannot is logged.
   */
  public Optional<KeptSession> find(Path mountPoint) {
    try {
      Optional<SessionRecord> kept = SessionRecord.read(record);
      if (kept.isEmpty() || !kept.get().keeper().isAlive()) {
        return Optional.empty();
      }
      if (!isMounted(mountPoint, kept.get().device())) {
        log.warn("a mount is kept that is not on {} any more; it ends", mountPoint);
        return Optional.empty();
      }
      return Optional.of(take(kept.get()));
    } catch (IOException e) {
      log.error("a mount is kept and cannot be taken over: {}", e.getMessage());
      return Optional.empty();
    }
  }

  private static KeptSession take(SessionRecord kept) throws IOException {
    long pid = kept.keeper().pid();
    try (HeldProcess holder = HeldProcess.of(pid)) {
      if (!kept.keeper().isAlive()) {
        throw new IOException("its keeper, process %d, has just ended".formatted(pid));
      }
      Descriptor descriptor = holder.openFile(kept.descriptor());
      Path file = Path.of("/proc/self/fd", Integer.toString(descriptor.number()));
      if (!Files.readSymbolicLink(file).endsWith("fuse")) {
        descriptor.close();
        throw new IOException("process %d holds something else".formatted(pid));
      }
      return new KeptSession(FuseDevice.of(descriptor), kept.state());
    }
  }

  /** Tells whether a mount of ours is on a directory, without touching it. */
  private static boolean isMounted(Path mountPoint, String device) throws IOException {
    // 36 35 98:0 /subtree /mount/point options … - type source super-options (proc(5))
    String type = " - " + FileSystemType.LAZEROFS.name() + " ";
    for (String line : Files.readAllLines(MOUNTS, StandardCharsets.ISO_8859_1)) {
      List<String> fields = List.of(line.split(" ", 6));
      if (fields.get(2).equals(device)
          && fields.get(3).equals("/")
          && fields.get(4).equals(escape(mountPoint))
          && line.contains(type)) {
        return true;
      }
    }
    return false;
  }

  private static String escape(Path path) {
    byte[] utf8 = path.toString().getBytes(StandardCharsets.UTF_8);
    return new String(utf8, StandardCharsets.ISO_8859_1)
        .replace("\\", "\\134")
        .replace(" ", "\\040")
        .replace("\t", "\\011")
        .replace("\n", "\\012");
  }

  /**
   * Keeps a mount from now on. A keeper that cannot be had is no reason not to serve: it is logged.
   */
  public void keep(FuseServer server) {
    if (startKeeper(server)) {
      Thread.ofPlatform().daemon().name("keeper").start(() -> replace(server));
    }
  }

  /** Waits for the end of each keeper, and starts another while the mount is served. */
  private void replace(FuseServer server) {
    for (int i = 0; i < MOST_KEEPERS; i++) {
      Keeper current = current();
      if (current == null) {
        return;
      }
      current.awaitEnd();
      synchronized (this) {
        if (closed || !server.isRunning()) {
          return;
        }
        log.warn("the keeper, process {}, has ended; another one is started", pid(current));
      }
      if (!startKeeper(server)) {
        return;
      }
    }
    log.error("the keeper ends again and again; if this daemon dies, its mount ends");
  }

  private synchronized @Nullable Keeper current() {
    return keeper;
  }

  private static long pid(Keeper keeper) {
    return keeper.identity().pid();
  }

  private synchronized boolean startKeeper(FuseServer server) {
    if (closed) {
      return false;
    }
    try {
      Keeper fresh = Keeper.start(server.descriptor(), record, watcher);
      keeper = fresh;
      new SessionRecord(fresh.identity(), Keeper.DESCRIPTOR, server.deviceNumber(), server.state())
          .write(record);
      log.info("process {} keeps the mount", pid(fresh));
      return true;
    } catch (IOException e) {
      log.error("no keeper: if this daemon dies, its mount ends: {}", e.getMessage());
      return false;
    }
  }

  /** Lets the keeper hold the mount until another daemon takes it over, however long that takes. */
  public synchronized void leave() {
    tellLast("stay");
  }

  /** Lets the keeper go, and the mount with it, if it is mounted still; {@link #leave} before. */
  @Override
  public synchronized void close() {
    tellLast("end");
  }

  private void tellLast(String word) {
    if (closed) {
      return;
    }
    closed = true;
    if (keeper == null) {
      return; // What is on record is an earlier daemon's, and stays for a later one.
    }
    try {
      if (word.equals("end")) {
        Files.deleteIfExists(record);
      }
      keeper.tell(word);
    } catch (IOException e) {
      log.warn("the keeper was not told the end: {}", e.getMessage());
    }
  }
}
