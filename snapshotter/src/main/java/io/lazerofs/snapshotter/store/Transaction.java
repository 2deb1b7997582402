package io.lazerofs.snapshotter.store;

import io.lazerofs.snapshotter.store.SnapshotException.AlreadyExists;
import io.lazerofs.snapshotter.store.SnapshotException.FailedPrecondition;
import io.lazerofs.snapshotter.store.SnapshotException.InvalidArgument;
import io.lazerofs.snapshotter.store.SnapshotException.NotFound;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * One change of what is on record, or one look at it; the rules of what may become of a snapshot
 * are here. Belongs to the thread that {@link SnapshotStore#transact} called back.
 */
public final class Transaction {
  /** More than any mount can have; a chain that is longer goes in a circle. */
  private static final int MAX_DEPTH = 4096;

  private final Database database;
  private final Instant now;
  private final LayerRecords layers;

  Transaction(Database database, Instant now) {
    this.database = database;
    this.now = now;
    this.layers = new LayerRecords(database, now);
  }

  /** Returns the lazy layers on record. */
  public LayerRecords layers() {
    return layers;
  }

  /**
   * Returns the snapshot of a key or name.
   *
   * @throws NotFound when there is none
   */
  public Snapshot get(String key) throws NotFound, IOException {
    return find(key).orElseThrow(() -> new NotFound(key));
  }

  /** Returns the snapshot of a key or name, or empty when there is none. */
  public Optional<Snapshot> find(String key) throws IOException {
    Optional<SnapshotRow> row =
        database.first(SnapshotRow::of, SnapshotRow.SELECT + "WHERE s.key = ?", key);
    return row.isPresent() ? Optional.of(complete(row.get())) : Optional.empty();
  }

  /**
   * Returns the committed snapshot that stands for the remote layer {@code target} on {@code
   * parent}, or empty when there is none. The same layer on another parent is another snapshot.
   */
  public Optional<Snapshot> findTarget(String target, Optional<String> parent) throws IOException {
    List<SnapshotRow> rows =
        database.query(
            SnapshotRow::of,
            SnapshotRow.SELECT
                + """
                WHERE s.kind = ? AND s.id IN
                  (SELECT snapshot FROM labels WHERE name = '%s' AND value = ?)
                """
                    .formatted(Labels.TARGET),
            Kind.COMMITTED.code(),
            target);
    for (SnapshotRow row : rows) {
      if (row.parent().equals(parent)) {
        return Optional.of(complete(row));
      }
    }
    return Optional.empty();
  }

  /** Returns all snapshots in the order of their making, and which of them are damaged. */
  public Listing list() throws IOException {
    Map<Long, Map<String, String>> labels = new HashMap<>();
    database.query(
        row ->
            labels
                .computeIfAbsent(row.getLong(1), id -> new HashMap<>())
                .put(row.getString(2), row.getString(3)),
        "SELECT snapshot, name, value FROM labels");
    List<Snapshot> snapshots = new ArrayList<>();
    Map<String, String> damaged = new TreeMap<>();
    database.query(
        row -> {
          try {
            SnapshotRow whole = SnapshotRow.of(row);
            return snapshots.add(whole.with(labels.getOrDefault(whole.id(), Map.of())));
          } catch (IllegalArgumentException e) {
            damaged.put(row.getString("key"), String.valueOf(e.getMessage()));
            return false;
          }
        },
        SnapshotRow.SELECT + "ORDER BY s.id");
    return new Listing(snapshots, damaged);
  }

  /**
   * Returns the snapshot itself, its parent, the parent of that, and so on.
   *
   * @throws IOException when the chain is damaged: it does not end, or a parent is not on record
   */
  public List<Level> chain(Snapshot snapshot) throws IOException {
    List<Link> links =
        database.query(
            row -> new Link(SnapshotRow.level(row), row.getObject("parent") == null),
            """
            WITH RECURSIVE chain (id, parent, layer, depth) AS (
              SELECT id, parent, layer, 0 FROM snapshots WHERE id = ?
              UNION ALL
              SELECT s.id, s.parent, s.layer, depth + 1
              FROM snapshots s JOIN chain ON s.id = chain.parent WHERE depth < ?)
            SELECT id, parent, layer FROM chain ORDER BY depth
            """,
            snapshot.id(),
            MAX_DEPTH);
    if (links.isEmpty() || !links.getLast().last) {
      throw new IOException(
          "snapshot database: damaged record: the parents of snapshot \"%s\" lead nowhere"
              .formatted(snapshot.key()));
    }
    return links.stream().map(Link::level).toList();
  }

  /** Returns the numbers of all snapshots. */
  public Set<Long> ids() throws IOException {
    return Set.copyOf(database.query(row -> row.getLong(1), "SELECT id FROM snapshots"));
  }

  /** Returns what a committed snapshot was said to take when it was committed. */
  public Usage usage(Snapshot snapshot) throws IOException {
    return database
        .first(
            row -> new Usage(row.getLong(1), row.getLong(2)),
            "SELECT size, inodes FROM snapshots WHERE id = ?",
            snapshot.id())
        .orElse(Usage.NONE);
  }

  /**
   * Adds an active snapshot or a view.
   *
   * @throws AlreadyExists when the key is in use
   * @throws NotFound when the parent does not exist
   * @throws InvalidArgument when the parent is not committed, or the key is no key
   */
  public Snapshot create(Kind kind, String key, Optional<String> parent, Map<String, String> labels)
      throws SnapshotException, IOException {
    if (kind == Kind.COMMITTED) {
      throw new InvalidArgument("a snapshot is not created committed: \"" + key + "\"");
    }
    Optional<Long> parentId = committedParent(parent);
    return insert(kind, key, parentId, labels, Optional.empty());
  }

  /**
   * Adds a committed snapshot whose files are those of a lazy layer.
   *
   * @param layer the index of a layer on record
   * @throws AlreadyExists when the name is in use
   * @throws NotFound when the parent does not exist
   * @throws InvalidArgument when the parent is not committed, or the name is no name
   */
  public Snapshot createOfLayer(
      String name, Optional<String> parent, Map<String, String> labels, int layer)
      throws SnapshotException, IOException {
    Optional<Long> parentId = committedParent(parent);
    return insert(Kind.COMMITTED, name, parentId, labels, Optional.of(layer));
  }

  /**
   * Turns an active snapshot into a committed one of another name, with new labels and times.
   *
   * @param newParent the parent to stand on from now on; only a snapshot without one can get one
   * @throws NotFound when there is no snapshot of that key, or no such parent
   * @throws AlreadyExists when the name is in use
   * @throws FailedPrecondition when the snapshot is not active, or the new parent not committed
   * @throws InvalidArgument when the snapshot stands on another parent, or the name is no name
   */
  public Snapshot commit(
      String key, String name, Optional<String> newParent, Map<String, String> labels, Usage usage)
      throws SnapshotException, IOException {
    requireFree(name);
    Snapshot active = get(key);
    if (active.kind() != Kind.ACTIVE) {
      throw new FailedPrecondition("snapshot \"" + key + "\" is not active");
    }
    if (newParent.isPresent() && !newParent.equals(active.parent())) {
      if (active.parent().isPresent()) {
        throw new InvalidArgument(
            "snapshot \"%s\" stands on \"%s\" and cannot be committed on \"%s\""
                .formatted(key, active.parent().get(), newParent.get()));
      }
      database.update(
          "UPDATE snapshots SET parent = ? WHERE id = ?",
          rebaseParent(newParent.get()),
          active.id());
    }
    database.update(
        """
        UPDATE snapshots SET key = ?, kind = ?, created = ?, updated = ?, size = ?, inodes = ?
        WHERE id = ?
        """,
        name,
        Kind.COMMITTED.code(),
        nanoseconds(now),
        nanoseconds(now),
        usage.size(),
        usage.inodes(),
        active.id());
    replaceLabels(active.id(), labels);
    return get(name);
  }

  /**
   * Removes a snapshot from the record, and its layer with it when no other snapshot uses that. A
   * damaged record can be removed as well.
   *
   * @throws NotFound when there is none
   * @throws FailedPrecondition when it has children
   */
  public Removed remove(String key) throws SnapshotException, IOException {
    Level removed =
        database
            .first(SnapshotRow::level, "SELECT id, layer FROM snapshots WHERE key = ?", key)
            .orElseThrow(() -> new NotFound(key));
    Optional<String> child =
        database.first(
            row -> row.getString(1),
            "SELECT key FROM snapshots WHERE parent = ? LIMIT 1",
            removed.id());
    if (child.isPresent()) {
      throw new FailedPrecondition(
          "snapshot \"%s\" is the parent of \"%s\"".formatted(key, child.get()));
    }
    database.update("DELETE FROM snapshots WHERE id = ?", removed.id());
    boolean released = removed.layer().isPresent() && layers.releaseIfUnused(removed.layer().get());
    return new Removed(removed.id(), released ? removed.layer() : Optional.empty());
  }

  /**
   * Replaces all labels of a snapshot.
   *
   * @throws NotFound when there is none
   * @throws InvalidArgument when they cannot be recorded
   */
  public Snapshot relabel(String key, Map<String, String> labels)
      throws SnapshotException, IOException {
    Snapshot snapshot = get(key);
    database.update(
        "UPDATE snapshots SET updated = ? WHERE id = ?", nanoseconds(now), snapshot.id());
    replaceLabels(snapshot.id(), labels);
    return get(key);
  }

  private Snapshot insert(
      Kind kind,
      String key,
      Optional<Long> parent,
      Map<String, String> labels,
      Optional<Integer> layer)
      throws SnapshotException, IOException {
    requireFree(key);
    database.update(
        """
        INSERT INTO snapshots (key, parent, kind, layer, created, updated) VALUES (?, ?, ?, ?, ?, ?)
        """,
        key,
        parent.orElse(null),
        kind.code(),
        layer.orElse(null),
        nanoseconds(now),
        nanoseconds(now));
    long id = database.first(row -> row.getLong(1), "SELECT last_insert_rowid()").orElseThrow();
    replaceLabels(id, labels);
    return get(key);
  }

  private void requireFree(String key) throws SnapshotException, IOException {
    SnapshotKey.requireValid(key);
    if (find(key).isPresent()) {
      throw new AlreadyExists(key);
    }
  }

  private long rebaseParent(String parent) throws SnapshotException, IOException {
    Snapshot snapshot = get(parent);
    if (snapshot.kind() != Kind.COMMITTED) {
      throw new FailedPrecondition("parent \"" + parent + "\" is not committed");
    }
    return snapshot.id();
  }

  private Optional<Long> committedParent(Optional<String> parent)
      throws SnapshotException, IOException {
    if (parent.isEmpty()) {
      return Optional.empty();
    }
    Snapshot snapshot = get(parent.get());
    if (snapshot.kind() != Kind.COMMITTED) {
      throw new InvalidArgument("parent \"" + parent.get() + "\" is not committed");
    }
    return Optional.of(snapshot.id());
  }

  private void replaceLabels(long id, Map<String, String> labels)
      throws InvalidArgument, IOException {
    Labels.requireValid(labels);
    database.update("DELETE FROM labels WHERE snapshot = ?", id);
    for (Map.Entry<String, String> label : Labels.withoutEmpty(labels).entrySet()) {
      database.update(
          "INSERT INTO labels (snapshot, name, value) VALUES (?, ?, ?)",
          id,
          label.getKey(),
          label.getValue());
    }
  }

  private Snapshot complete(SnapshotRow row) throws IOException {
    Map<String, String> labels = new HashMap<>();
    database.query(
        label -> labels.put(label.getString(1), label.getString(2)),
        "SELECT name, value FROM labels WHERE snapshot = ?",
        row.id());
    return row.with(labels);
  }

  /** Returns a time as the database holds it: nanoseconds since the epoch, up to the year 2262. */
  static long nanoseconds(Instant time) {
    return Math.addExact(Math.multiplyExact(time.getEpochSecond(), 1_000_000_000L), time.getNano());
  }

  /**
   * A part of a chain.
   *
   * @param last whether it stands on nothing
   */
  private record Link(Level level, boolean last) {}
}
