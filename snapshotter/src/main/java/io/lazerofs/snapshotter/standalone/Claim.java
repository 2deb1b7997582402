package io.lazerofs.snapshotter.standalone;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The right of this process to mount something on a mount point, until it is closed or the process
 * ends. Not safe for use by several threads.
 */
final class Claim implements AutoCloseable {
  private final MountPoint mountPoint;
  private final MountHome home;
  private final FileChannel lock;

  private Claim(MountPoint mountPoint, MountHome home, FileChannel lock) {
    this.mountPoint = mountPoint;
    this.home = home;
    this.lock = lock;
  }

  /**
   * Claims a mount point. What a dead process left mounted there is unmounted.
   *
   * @param root the directory that holds state; made when it is missing
   * @throws IOException when a process has it claimed already, or it is no directory
   */
  static Claim take(Path root, Path named) throws IOException {
    MountPoint mountPoint = MountPoint.of(named);
    MountHome home = MountHome.of(root, mountPoint);
    home.makeParent();
    FileChannel lock =
        FileChannel.open(home.lock(), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    Claim claim = new Claim(mountPoint, home, lock);
    try {
      claim.lock();
      claim.clear();
      mountPoint.requireDirectory();
      home.makeDirectory();
      return claim;
    } catch (IOException | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  private void lock() throws IOException {
    boolean locked;
    try {
      locked = lock.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      locked = false;
    }
    if (!locked) {
      throw new IOException(
          mountPoint + ": lazerofs has mounted something there already; unmount that first");
    }
  }

  /** Takes away what a dead process left. */
  private void clear() throws IOException {
    if (Files.exists(home.record())) {
      Unmount.all(MountRecord.read(home.record()), home, true);
    }
    home.deleteDirectory();
  }

  Path mountPoint() {
    return mountPoint.path();
  }

  MountHome home() {
    return home;
  }

  /** Records what this process is about to mount, so that it can be unmounted by another. */
  void record(String source, boolean layered) throws IOException {
    new MountRecord(mountPoint.path(), source, layered, ProcessHandle.current().pid())
        .write(home.record());
  }

  @Override
  public void close() throws IOException {
    try (lock) {
      home.deleteDirectory();
    }
  }
}
