package io.lazerofs.snapshotter.standalone;

import io.lazerofs.fuse.Errno;
import io.lazerofs.fuse.sys.MountCalls;
import io.lazerofs.sys.SystemCallException;
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
    all(record, home, 0);
    try (FileChannel lock = FileChannel.open(home.lock(), StandardOpenOption.WRITE)) {
      awaitEnd(lock, record, patience);
      home.deleteDirectory();
      Files.deleteIfExists(home.log());
    }
  }

  /**
   * Unmounts all that a record tells of.
   *
   * @param flags of umount2(2)
   */
  static void all(MountRecord record, MountHome home, int flags) throws IOException {
    one(record.mountPoint(), flags);
    if (record.layered()) {
      one(home.layers(), flags);
    }
  }

  /** Unmounts; that nothing is mounted there is as good. */
  private static void one(Path mountPoint, int flags) throws IOException {
    try {
      MountCalls.unmount(mountPoint, flags);
    } catch (SystemCallException e) {
      if (e.errno() == Errno.EBUSY.number()) {
        throw new IOException(
            mountPoint + ": in use; end what uses it (fuser -vm " + mountPoint + " lists it)", e);
      }
      if (e.errno() != Errno.EINVAL.number() && e.errno() != Errno.ENOENT.number()) {
        throw e;
      }
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
