package io.lazerofs.snapshotter.mount;

import io.lazerofs.files.FileSystemType;
import io.lazerofs.snapshotter.store.CrashPoint;
import io.lazerofs.snapshotter.store.Kind;
import io.lazerofs.snapshotter.store.LayerRecord.Owner;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongPredicate;
import java.util.stream.Stream;

/**
 * The daemon's directory: the one owner of every path in it.
 *
 * <pre>{@code
 * root            0700
 * ├─ lock         held by the daemon that runs
 * ├─ snapshots.db
 * ├─ cache/       blobs, as far as they are present
 * ├─ fs/          the FUSE mount; fs/7 is the layer of index 7
 * ├─ s/           files of snapshots that are no lazy layers; short, for the options of an overlay
 * │  ├─ 12/fs     mount of 127 layers have to fit in a page
 * │  ├─ 12/work   overlayfs's own, for an active snapshot
 * │  └─ old-…     to be deleted
 * └─ set-aside-…  a damaged snapshots.db with its s/; an administrator looks at it and deletes it
 * }</pre>
 *
 * <p>A directory is made within the transaction that records its snapshot, and is retired by a
 * rename after the one that forgets it. So after a crash every snapshot on record has its
 * directory, and a directory that is not on record can go.
 */
public final class StateDirectory {
  private static final String RETIRED = "old-";

  private static final String SET_ASIDE = "set-aside-";

  /** What separates the options of an overlay mount, or what they are escaped with. */
  private static final String SEPARATORS = ":,\\\n\"";

  /** What a root has when it, or its cache, is a file system of its own. */
  private static final Set<String> MADE_BEFOREHAND = Set.of("cache", "lost+found");

  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rwx------");

  private final Path root;
  private final Path snapshots;
  private final CrashPoint.Hook crash;

  private StateDirectory(Path root, CrashPoint.Hook crash) {
    this.root = root;
    this.snapshots = root.resolve("s");
    this.crash = crash;
  }

  /**
   * Makes what is missing of the directory and returns it.
   *
   * <p>Nobody but its owner can look into it, as images have programs that set the user id. A
   * directory that others can look into is closed to them, unless it holds files of somebody else.
   *
   * @throws IOException when it cannot be made or closed to others, when it lies on a mount of
   *     lazerofs, or when its path has what separates the options of a mount
   */
  public static StateDirectory open(Path root) throws IOException {
    return open(root, CrashPoint.Hook.NONE);
  }

  static StateDirectory open(Path root, CrashPoint.Hook crash) throws IOException {
    FileSystemType.requireNotServed(root);
    Files.createDirectories(root, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
    Path real = root.toRealPath();
    if (real.toString().chars().anyMatch(c -> SEPARATORS.indexOf(c) >= 0)) {
      throw new IOException(
          real + ": a root has no colon, comma, quote and backslash in its path, resolved");
    }
    StateDirectory directory = new StateDirectory(real, crash);
    directory.closeToOthers();
    Files.createDirectories(directory.snapshots, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
    return directory;
  }

  private void closeToOthers() throws IOException {
    if (OWNER_ONLY.containsAll(Files.getPosixFilePermissions(root))) {
      return;
    }
    if (!Files.exists(snapshots)) {
      try (DirectoryStream<Path> entries = Files.newDirectoryStream(root)) {
        for (Path entry : entries) {
          if (!MADE_BEFOREHAND.contains(entry.getFileName().toString())) {
            throw new IOException(
                "%s: other users can look into it, and it holds %s, which is not lazerofs's; choose"
                        .formatted(root, entry.getFileName())
                    + " a directory of its own, or chmod it to 700");
          }
        }
      }
    }
    Files.setPosixFilePermissions(root, OWNER_ONLY);
  }

  /** Returns the file that the running daemon holds locked. */
  public Path lock() {
    return root.resolve("lock");
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

  /** Returns what a path of this directory is called from its root. */
  String name(Path path) {
    return root.relativize(path).toString();
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
    crash.reached(CrashPoint.DIRECTORY_MADE);
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
    crash.reached(CrashPoint.RETIRE_BEGUN);
    Files.move(directory, retired.resolve(directory.getFileName()), StandardCopyOption.ATOMIC_MOVE);
    crash.reached(CrashPoint.RETIRED);
    return retired;
  }

  /** Tells whether a snapshot that is no lazy layer has its files. */
  public boolean hasFiles(long id) {
    return Files.isDirectory(files(id), LinkOption.NOFOLLOW_LINKS);
  }

  /** Says of a snapshot that it has not. */
  String missing(long id) {
    return "its directory " + files(id) + " is missing";
  }

  /** Tells whether there are directories of snapshots, but nothing that could be their record. */
  public boolean hasLostItsRecord() throws IOException {
    for (Path file : databaseFiles()) {
      if (Files.exists(file) && Files.size(file) > 0) {
        return false;
      }
    }
    try (DirectoryStream<Path> numbered = Files.newDirectoryStream(snapshots, "[0-9]*")) {
      return numbered.iterator().hasNext();
    }
  }

  /**
   * Moves the record and the files of all snapshots to where nobody looks for them, and begins
   * anew. What containers have mounted of the files stays mounted.
   *
   * @param now is part of the name of the new place
   */
  public void setAsideAll(Instant now) throws IOException {
    Path place =
        Files.createTempDirectory(
            root, SET_ASIDE + now.truncatedTo(ChronoUnit.SECONDS).getEpochSecond() + "-");
    for (Path file : databaseFiles()) {
      if (Files.exists(file)) {
        Files.move(file, place.resolve(file.getFileName()), StandardCopyOption.ATOMIC_MOVE);
      }
    }
    Files.move(snapshots, place.resolve(snapshots.getFileName()), StandardCopyOption.ATOMIC_MOVE);
    Files.createDirectories(snapshots, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
  }

  /** Returns where records and files were moved that nobody has looked after yet. */
  public List<Path> allSetAside() throws IOException {
    try (DirectoryStream<Path> places = Files.newDirectoryStream(root, SET_ASIDE + "*")) {
      List<Path> sorted = new ArrayList<>();
      places.forEach(sorted::add);
      sorted.sort(null);
      return sorted;
    }
  }

  /** SQLite's three: the database, its write-ahead log and the index of that. */
  private List<Path> databaseFiles() {
    return Stream.of("", "-wal", "-shm")
        .map(suffix -> database().resolveSibling(database().getFileName() + suffix))
        .toList();
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
        (Integer) Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS),
        (Integer) Files.getAttribute(path, "unix:gid", LinkOption.NOFOLLOW_LINKS));
  }

  private Path snapshot(long id) {
    return snapshots.resolve(Long.toString(id));
  }

  private static boolean isNumber(String name) {
    return name.matches("[1-9][0-9]{0,17}");
  }
}
