package io.lazerofs.snapshotter.standalone;

import io.lazerofs.fuse.Unmounting;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The end of a mount, asked for by another process than the one that serves it. */
public final class Unmount {
  private Unmount() {}

  /**
   * Unmounts, and returns when the process that served is gone.
   *
   * @param root the directory that holds state
   * @param patience how long to wait for that process
   * @throws IOException when nothing is mounted there, it is in use, or the process does not end
   */
  public static void unmount(Path root, Path named, Duration patience) throws IOException {
    MountPoint mountPoint = MountPoint.of(named);
    MountHome home = MountHome.of(root, mountPoint);
    MountRecord record;
    try {
      record = MountRecord.read(home.record());
    } catch (NoSuchFileException e) {
      throw new IOException(
          mountPoint + ": lazerofs has mounted nothing there, going by " + home.mounts(), e);
    }
    all(record, home, false);
    try (FileChannel lock = FileChannel.open(home.lock(), StandardOpenOption.WRITE)) {
      awaitEnd(lock, record, patience);
      home.deleteDirectory();
      Files.deleteIfExists(home.log());
    }
  }

  /**
   * Unmounts all that a record tells of.
   *
   * @param detach to take what is in use out of the tree, too
   */
  static void all(MountRecord record, MountHome home, boolean detach) throws IOException {
    one(record.mountPoint(), detach);
    if (record.layered()) {
      one(home.layers(), detach);
    }
  }

  /** Unmounts; that nothing is mounted there is as good. */
  private static void one(Path mountPoint, boolean detach) throws IOException {
    if (Unmounting.unmount(mountPoint, detach) == Unmounting.Result.BUSY) {
      throw new IOException(
          mountPoint + ": in use; end what uses it (fuser -vm " + mountPoint + " lists it)");
    }
  }

  private static void awaitEnd(FileChannel lock, MountRecord record, Duration patience)
      throws IOException {
    FutureTask<?> waiting = new FutureTask<>(lock::lock);
    Thread.ofPlatform().daemon().name("await-end").start(waiting);
    try {
      waiting.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new IOException(
          "%s: unmounted, but process %d, which served it, does not end; kill it"
              .formatted(record.mountPoint(), record.pid()),
          e);
    } catch (ExecutionException e) {
      throw new IOException(
          record.mountPoint() + ": cannot wait for process " + record.pid() + " to end", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while " + record.mountPoint() + " ends");
    }
  }
}
