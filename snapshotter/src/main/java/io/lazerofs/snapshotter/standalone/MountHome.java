package io.lazerofs.snapshotter.standalone;

import io.lazerofs.files.FileSystemType;
import io.lazerofs.snapshotter.mount.FileTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** The files that belong to one mount point: the one owner of their paths. */
record MountHome(Path mounts, String id) {

  /** Returns those of a mount point, of which none need exist. */
  static MountHome of(Path root, MountPoint mountPoint) {
    return new MountHome(root.resolve("mounts"), mountPoint.id());
  }

  /** Returns the directory that exists while something is mounted. */
  Path directory() {
    return mounts.resolve(id);
  }

  /** Returns the file whose lock is the claim; it stays, since a lock outlives a deleted file. */
  Path lock() {
    return mounts.resolve(id + ".lock");
  }

  Path log() {
    return mounts.resolve(id + ".log");
  }

  Path record() {
    return directory().resolve("mount");
  }

  /** Returns where the layers of an image are served. */
  Path layers() {
    return directory().resolve("fs");
  }

  Path cache() {
    return directory().resolve("cache");
  }

  /**
   * Makes the directory that the lock and the log are in.
   *
   * @throws IOException also when it would lie on a mount of lazerofs
   */
  void makeParent() throws IOException {
    FileSystemType.requireNotServed(mounts);
    makePrivate(mounts);
  }

  void makeDirectory() throws IOException {
    makePrivate(directory());
  }

  private static void makePrivate(Path directory) throws IOException {
    Files.createDirectories(
        directory,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
  }

  /** Deletes the directory; nothing may be mounted below it any more. */
  void deleteDirectory() throws IOException {
    FileTree.delete(directory());
  }
}
