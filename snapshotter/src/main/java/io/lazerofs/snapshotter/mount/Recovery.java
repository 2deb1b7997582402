package io.lazerofs.snapshotter.mount;

import io.lazerofs.snapshotter.store.CrashPoint;
import io.lazerofs.snapshotter.store.DamagedStoreException;
import io.lazerofs.snapshotter.store.Listing;
import io.lazerofs.snapshotter.store.Snapshot;
import io.lazerofs.snapshotter.store.SnapshotException;
import io.lazerofs.snapshotter.store.SnapshotStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The start on what an earlier daemon left: its record and its directories are held against each
 * other. What a crash left over is removed, what is damaged is set aside, and nothing of it keeps
 * the rest from being served.
 *
 * <pre>{@code
 * directory without a record    removed: its Prepare was not answered, or its Remove was
 * record without a directory    set aside; its snapshot can be removed, and not mounted
 * record that cannot be read    set aside; likewise
 * file that is no database      set aside with all directories, and a new one is begun
 * }</pre>
 */
public final class Recovery {
  private static final Logger log = LoggerFactory.getLogger(Recovery.class);

  private final StateDirectory directory;
  private final SetAside setAside;

  public Recovery(StateDirectory directory, SetAside setAside) {
    this.directory = directory;
    this.setAside = setAside;
  }

  /**
   * Opens the store. One that is damaged as a whole is set aside, together with the files of its
   * snapshots, for without it nobody can tell which of them are a container's only copy.
   *
   * @throws IOException when it cannot be read, is of a version that this program does not know, or
   *     cannot be set aside
   */
  public SnapshotStore open(InstantSource clock) throws IOException {
    return open(clock, CrashPoint.Hook.NONE);
  }

  SnapshotStore open(InstantSource clock, CrashPoint.Hook crash) throws IOException {
    if (directory.hasLostItsRecord()) {
      log.error("{} is gone, and the directories of its snapshots are there", directory.database());
      directory.setAsideAll(clock.instant());
    }
    SnapshotStore store;
    try {
      store = SnapshotStore.open(directory.database(), clock, crash);
    } catch (DamagedStoreException e) {
      log.error("{}: {}", directory.database(), e.getMessage());
      directory.setAsideAll(clock.instant());
      store = SnapshotStore.open(directory.database(), clock, crash);
    }
    for (Path place : directory.allSetAside()) {
      setAside.add(
          place.toString(),
          "a damaged record of snapshots, and their files. Images that it had must be removed and"
              + " pulled again; once nothing in it is missed, delete it");
    }
    return store;
  }

  /** Removes the directories that a crash left over, and finds out what is damaged. */
  public void reconcile(SnapshotStore store) throws SnapshotException, IOException {
    List<String> orphans =
        store.transact(transaction -> {
          Set<Long> ids = transaction.ids();
          return directory.retireOrphans(ids::contains);
        });
    if (!orphans.isEmpty()) {
      log.warn("directories without a snapshot on record are removed: {}", orphans);
    }
    // Within a transaction no snapshot goes, whose directory would then be missed.
    var _ =
        store.transact(transaction -> {
          Listing listing = transaction.list();
          listing.damaged().forEach((key, why) -> setAside.add(name(key), why));
          for (Snapshot snapshot : listing.snapshots()) {
            if (snapshot.layer().isEmpty() && !directory.hasFiles(snapshot.id())) {
              setAside.add(name(snapshot.key()), directory.missing(snapshot.id()));
            }
          }
          return listing;
        });
  }

  /** Returns what a snapshot is set aside under. */
  static String name(String key) {
    return "snapshot \"" + key + "\"";
  }
}
