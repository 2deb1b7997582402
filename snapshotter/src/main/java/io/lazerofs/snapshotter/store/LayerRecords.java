package io.lazerofs.snapshotter.store;

import io.lazerofs.snapshotter.store.LayerRecord.Owner;
import io.lazerofs.snapshotter.store.SnapshotException.Unavailable;
import io.lazerofs.source.Digest;
import io.lazerofs.verity.VerityRoot;
import java.io.IOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The lazy layers that one transaction sees. A blob has one layer at most, whatever the number of
 * snapshots that use it.
 */
public final class LayerRecords {
  private static final String SELECT =
      """
      SELECT layer, generation, blob, size, root_hash, hash_offset, user, "group" FROM layers
      """;

  private final Database database;
  private final Instant now;

  LayerRecords(Database database, Instant now) {
    this.database = database;
    this.now = now;
  }

  /** Returns the indexes that are in use, lowest first; nothing of the layers is read. */
  public List<Integer> indexes() throws IOException {
    return database.query(
        row -> row.getInt(1), "SELECT layer FROM layers WHERE blob IS NOT NULL ORDER BY layer");
  }

  /**
   * Returns the layers that are in use. One whose record is damaged is not among them: it cannot be
   * opened either.
   */
  public List<LayerRecord> readable() throws IOException {
    Map<Integer, List<String>> images = new HashMap<>();
    database.query(
        row -> images.computeIfAbsent(row.getInt(1), _ -> new ArrayList<>()).add(row.getString(2)),
        "SELECT layer, image FROM images ORDER BY layer, image");
    return database
        .query(
            row -> {
              try {
                return Optional.of(record(row, images.getOrDefault(row.getInt(1), List.of())));
              } catch (IllegalArgumentException e) {
                return Optional.<LayerRecord>empty();
              }
            },
            SELECT + "WHERE blob IS NOT NULL")
        .stream()
        .flatMap(Optional::stream)
        .toList();
  }

  /** Returns the layer of an index, or empty when the index is free. */
  public Optional<LayerRecord> find(int index) throws IOException {
    List<String> images =
        database.query(
            row -> row.getString(1),
            "SELECT image FROM images WHERE layer = ? ORDER BY image",
            index);
    return database.first(
        row -> record(row, images), SELECT + "WHERE layer = ? AND blob IS NOT NULL", index);
  }

  /** Returns the layer of a blob, or empty when it has none. */
  public Optional<LayerRecord> find(Digest blob) throws IOException {
    Optional<Integer> index =
        database.first(
            row -> row.getInt(1), "SELECT layer FROM layers WHERE blob = ?", blob.toString());
    return index.isPresent() ? find(index.get()) : Optional.empty();
  }

  /**
   * Gives a blob a layer: an index that was never used while there is one, else the one that has
   * been free for longest, in its next generation.
   *
   * @param size bytes
   * @param verity the hash tree that the blob ends with, or empty when it has none
   * @param image a reference of an image that contains the blob
   * @throws Unavailable when all indexes are in use
   */
  public LayerRecord add(
      Digest blob, long size, Optional<VerityRoot> verity, Owner owner, String image)
      throws Unavailable, IOException {
    int unused =
        database.first(row -> row.getInt(1), "SELECT coalesce(max(layer), 0) FROM layers").orElse(0)
            + 1;
    int index = unused <= LayerRecord.LAST_INDEX ? unused : longestFree();
    database.update(
        """
        INSERT INTO layers (layer, generation, blob, size, root_hash, hash_offset, user, "group")
        VALUES (?, 1, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (layer) DO UPDATE SET generation = generation + 1,
          blob = excluded.blob, size = excluded.size,
          root_hash = excluded.root_hash, hash_offset = excluded.hash_offset,
          user = excluded.user, "group" = excluded."group"
        """,
        index,
        blob.toString(),
        size,
        verity.map(root -> root.hash().hex()).orElse(null),
        verity.map(VerityRoot::hashOffset).orElse(null),
        owner.user(),
        owner.group());
    addImage(index, image);
    return find(index).orElseThrow();
  }

  /** Notes one more image that the blob of a layer can be fetched by. */
  public void addImage(int index, String image) throws IOException {
    database.update("INSERT OR IGNORE INTO images (layer, image) VALUES (?, ?)", index, image);
  }

  /** Frees the index of a layer that no snapshot uses; returns whether there was such a layer. */
  boolean releaseIfUnused(int index) throws IOException {
    int released =
        database.update(
            """
            UPDATE layers SET blob = NULL, released = ?
            WHERE layer = ? AND NOT EXISTS (SELECT 1 FROM snapshots s WHERE s.layer = layers.layer)
            """,
            Transaction.nanoseconds(now),
            index);
    if (released > 0) {
      database.update("DELETE FROM images WHERE layer = ?", index);
    }
    return released > 0;
  }

  private int longestFree() throws Unavailable, IOException {
    return database
        .first(
            row -> row.getInt(1),
            "SELECT layer FROM layers WHERE blob IS NULL ORDER BY released, layer LIMIT 1")
        .orElseThrow(() ->
            new Unavailable(
                "all %d layers of the mount are in use".formatted(LayerRecord.LAST_INDEX)));
  }

  private static LayerRecord record(ResultSet row, List<String> images) throws SQLException {
    int index = row.getInt("layer");
    long hashOffset = row.getLong("hash_offset");
    try {
      return new LayerRecord(
          index,
          row.getLong("generation"),
          Digest.parse(row.getString("blob")),
          row.getLong("size"),
          Optional.ofNullable(row.getString("root_hash"))
              .map(hash -> new VerityRoot(new Digest(hash), hashOffset)),
          new Owner(row.getInt("user"), row.getInt("group")),
          images);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("layer " + index + ": " + e.getMessage(), e);
    }
  }
}
