package io.lazerofs.snapshotter.mount;

import io.lazerofs.files.FileSystemType;
import io.lazerofs.snapshotter.store.Kind;
import io.lazerofs.snapshotter.store.LayerRecord.Owner;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongPredicate;

/**
 * The daemon's directory: the one owner of every path in it.
 *
 * <pre>{@code
 * root            0700
 * ├─ lock         held by the daemon that runs
 * ├─ session      who keeps the mount, for the daemon that takes it over
 * ├─ snapshots.db
 * ├─ cache/       blobs, as far as they are present
 * ├─ fs/          the FUSE mount; fs/7 is the layer of index 7
 * └─ s/           files of snapshots that are no lazy layers; short, for the options of an overlay
 *    ├─ 12/fs     mount of 127 layers have to fit in a page
 *    ├─ 12/work   overlayfs's own, for an active snapshot
 *    └─ old-…     to be deleted
 * }</pre>
 *
 * <p>A directory is made within the transaction that records its snapshot, and is retired by a
 * rename after the one that forgets it. So after a crash every snapshot on record has its
 * directory, and a directory that is not on record can go.
 */
public final class StateDirectory {
  private static final String RETIRED = "old-";

  private final Path root;
  private final Path snapshots;

  private StateDirectory(Path root) {
    this.root = root;
    this.snapshots = root.resolve("s");
  }

  /**
   * Makes what is missing of the directory and returns it.
   *
   * @param root an absolute path without ":" and ",", which options of an overlay mount are
   *     separated by
   * @throws IOException when it cannot be made, or lies on a mount of lazerofs
   */
  public static StateDirectory open(Path root) throws IOException {
    FileSystemType.requireNotServed(root);
    var ownerOnly =
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    Files.createDirectories(root, ownerOnly);
    StateDirectory directory = new StateDirectory(root.toRealPath());
    Files.createDirectories(directory.snapshots, ownerOnly);
    return directory;
  }

  /** Returns the file that the running daemon holds locked. */
  public Path lock() {
    return root.resolve("lock");
  }

  /** Returns the file that says who keeps the mount. */
  public Path session() {
    return root.resolve("session");
  }

  /** Returns the file of the snapshot store. */
  public Path database() {
    return root.resolve("snapshots.db");
  }

  /** Returns the directory of the blob cache, unless another is configured. */
  public Path cache() {
    return root.resolve("cache");
  }

  /** Returns where the FUSE mount is. */
  public Path mountPoint() {
    return root.resolve("fs");
  }

  /** Returns the root directory of a lazy layer, within the FUSE mount. */
  public Path layer(int index) {
    return mountPoint().resolve(Integer.toString(index));
  }

  /** Returns the files of a snapshot that is no lazy layer. */
  public Path files(long id) {
    return snapshot(id).resolve("fs");
  }

  /** Returns overlayfs's work directory of an active snapshot. */
  public Path work(long id) {
    return snapshot(id).resolve("work");
  }

  /**
   * Makes the empty directory of a snapshot. A directory that is there already is what a failed
   * transaction left, and is retired.
   *
   * @param owner who is to own the root directory of its files
   */
  public void create(long id, Kind kind, Owner owner) throws IOException {
    retire(id);
    Files.createDirectory(snapshot(id));
    Path files = Files.createDirectory(files(id));
    Files.setPosixFilePermissions(files, PosixFilePermissions.fromString("rwxr-xr-x"));
    if (!owner(files).equals(owner)) {
      Files.setAttribute(files, "unix:uid", owner.user());
      Files.setAttribute(files, "unix:gid", owner.group());
    }
    if (kind == Kind.ACTIVE) {
      Files.createDirectory(work(id));
    }
  }

  /**
   * Takes the number from a directory, so that its files are in nobody's way any more.
   *
   * @return what to delete; empty when there was no such directory
   */
  public Optional<Path> retire(long id) throws IOException {
    return Files.exists(snapshot(id)) ? Optional.of(retire(snapshot(id))) : Optional.empty();
  }

  /**
   * Retires all directories that are not on record. May be called only while no snapshot is being
   * made.
   *
   * @param onRecord whether a snapshot of that number is
   * @return the names of the directories that were not
   */
  public List<String> retireOrphans(LongPredicate onRecord) throws IOException {
    List<String> orphans = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(snapshots)) {
      for (Path entry : entries) {
        String name = entry.getFileName().toString();
        boolean known = isNumber(name) && onRecord.test(Long.parseLong(name));
        if (!known && !name.startsWith(RETIRED)) {
          retire(entry);
          orphans.add(name);
        }
      }
    }
    return orphans;
  }

  /** Deletes a retired directory. */
  public void delete(Path retired) throws IOException {
    FileTree.delete(retired);
  }

  /** Deletes all retired directories; one that resists does not spare the others. */
  public void deleteRetired() throws IOException {
    IOException failure = null;
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(snapshots, RETIRED + "*")) {
      for (Path entry : entries) {
        try {
          delete(entry);
        } catch (IOException e) {
          failure = e;
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  private Path retire(Path directory) throws IOException {
    Path retired = Files.createTempDirectory(snapshots, RETIRED);
    Files.move(directory, retired.resolve(directory.getFileName()), StandardCopyOption.ATOMIC_MOVE);
    return retired;
  }

  /** Returns who owns the root directory of a snapshot's files. */
  public Owner owner(long id) throws IOException {
    return owner(files(id));
  }

  /** Returns whom a directory belongs to that this process makes. */
  public Owner owner() throws IOException {
    return owner(snapshots);
  }

  private static Owner owner(Path path) throws IOException {
    return new Owner(
        (Integer) Files.getAttribute(path, "unix:uid"),
        (Integer) Files.getAttribute(path, "unix:gid"));
  }

  private Path snapshot(long id) {
    return snapshots.resolve(Long.toString(id));
  }

  private static boolean isNumber(String name) {
    return name.matches("[1-9][0-9]{0,17}");
  }
}
