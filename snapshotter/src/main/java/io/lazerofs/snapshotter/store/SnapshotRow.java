package io.lazerofs.snapshotter.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * A row of the table of snapshots: a snapshot but for its labels.
 *
 * @param created nanoseconds since the epoch
 * @param updated likewise
 */
record SnapshotRow(
    long id,
    String key,
    Optional<String> parent,
    Kind kind,
    Optional<Integer> layer,
    long created,
    long updated) {

  /** Selects rows of all snapshots; a condition on {@code s} may follow. */
  static final String SELECT =
      """
      SELECT s.id, s.key, p.key AS parent, s.parent AS parent_id, s.kind, s.layer, s.created, s.updated
      FROM snapshots s LEFT JOIN snapshots p ON p.id = s.parent
      """;

  /**
   * Returns the row that a result of {@link #SELECT} stands on.
   *
   * @throws IllegalArgumentException when it is damaged
   */
  static SnapshotRow of(ResultSet row) throws SQLException {
    String key = row.getString("key");
    String parent = row.getString("parent");
    if (parent == null && row.getObject("parent_id") != null) {
      throw new IllegalArgumentException(
          "snapshot \"%s\" stands on number %s, which is not on record"
              .formatted(key, row.getObject("parent_id")));
    }
    return new SnapshotRow(
        row.getLong("id"),
        key,
        Optional.ofNullable(parent),
        kind(key, row.getInt("kind")),
        layer(row),
        row.getLong("created"),
        row.getLong("updated"));
  }

  /** Returns where the files are of the snapshot whose columns id and layer a result has. */
  static Level level(ResultSet row) throws SQLException {
    return new Level(row.getLong("id"), layer(row));
  }

  private static Kind kind(String key, int code) {
    return Kind.ofCode(code)
        .orElseThrow(() ->
            new IllegalArgumentException(
                "snapshot \"%s\" is of kind %d, which there is not".formatted(key, code)));
  }

  /** Takes the index of a layer; {@link LayerRecords} says which there are. */
  private static Optional<Integer> layer(ResultSet row) throws SQLException {
    int index = row.getInt("layer");
    return row.wasNull() ? Optional.empty() : Optional.of(index);
  }

  Snapshot with(Map<String, String> labels) {
    return new Snapshot(id, key, parent, kind, labels, instant(created), instant(updated), layer);
  }

  private static Instant instant(long nanoseconds) {
    return Instant.ofEpochSecond(0, nanoseconds);
  }
}
