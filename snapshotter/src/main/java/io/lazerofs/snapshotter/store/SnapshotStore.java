package io.lazerofs.snapshotter.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.locks.ReentrantLock;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteConfig.JournalMode;
import org.sqlite.SQLiteConfig.SynchronousMode;

/**
 * The file of all snapshots and layers, opened.
 *
 * <p>Safe for use by many threads: transactions follow one another. None of them waits for anything
 * but the local disk, so none waits long for another.
 */
public final class SnapshotStore implements AutoCloseable {
  private static final int SCHEMA_VERSION = 2;
  private static final int TABLES = 4;

  /** What SQLite says of a database without faults. */
  private static final String SOUND = "ok";

  /** What is done in one transaction. */
  @FunctionalInterface
  public interface Work<T> {
    /**
     * Reads and changes what is on record. An exception undoes all changes.
     *
     * @param transaction valid during the call only
     */
    T in(Transaction transaction) throws SnapshotException, IOException;
  }

  private final Database database;
  private final InstantSource clock;
  private final CrashPoint.Hook crash;
  private final ReentrantLock lock = new ReentrantLock(true);

  private SnapshotStore(Database database, InstantSource clock, CrashPoint.Hook crash) {
    this.database = database;
    this.clock = clock;
    this.crash = crash;
  }

  /** Opens the store in {@code file} as {@link #open(Path, InstantSource, CrashPoint.Hook)}. */
  public static SnapshotStore open(Path file, InstantSource clock) throws IOException {
    return open(file, clock, CrashPoint.Hook.NONE);
  }

  /**
   * Opens the store in {@code file}, which is made when it does not exist, and brought to the
   * present version when an older lazerofs made it.
   *
   * @param clock tells the times of creation and change
   * @throws DamagedStoreException when the file is no database or not a whole one; single records
   *     may be damaged all the same
   * @throws IOException when the file cannot be read, or is of a version that this program does not
   *     know
   */
  public static SnapshotStore open(Path file, InstantSource clock, CrashPoint.Hook crash)
      throws IOException {
    SQLiteConfig config = new SQLiteConfig();
    config.setJournalMode(JournalMode.WAL);
    config.setSynchronous(SynchronousMode.FULL);
    config.enforceForeignKeys(true);
    Database database = Database.open(file, config);
    try {
      migrate(database, file);
      check(database);
      return new SnapshotStore(database, clock, crash);
    } catch (IOException | RuntimeException e) {
      database.close();
      throw e;
    }
  }

  /**
   * Does {@code work} in one transaction and returns its result once all its changes are on the
   * disk.
   */
  public <T> T transact(Work<T> work) throws SnapshotException, IOException {
    lock.lock();
    try {
      database.run("BEGIN IMMEDIATE");
      boolean done = false;
      try {
        T result = work.in(new Transaction(database, clock.instant()));
        crash.reached(CrashPoint.CHANGED);
        database.run("COMMIT");
        done = true;
        crash.reached(CrashPoint.COMMITTED);
        return result;
      } finally {
        if (!done) {
          database.run("ROLLBACK");
        }
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() throws IOException {
    lock.lock();
    try {
      database.close();
    } finally {
      lock.unlock();
    }
  }

  private static void migrate(Database database, Path file) throws IOException {
    int version = database.first(row -> row.getInt(1), "PRAGMA user_version").orElse(0);
    if (version > SCHEMA_VERSION) {
      throw new IOException(
          "%s has version %d, this program knows %d: it was written by a newer lazerofs"
              .formatted(file, version, SCHEMA_VERSION));
    }
    if (version == SCHEMA_VERSION) {
      return;
    }
    database.run("BEGIN IMMEDIATE");
    if (version == 0) {
      runAll(database, "schema.sql");
    } else {
      for (int next = version + 1; next <= SCHEMA_VERSION; next++) {
        runAll(database, "to-version-" + next + ".sql");
      }
    }
    database.run("PRAGMA user_version = " + SCHEMA_VERSION);
    database.run("COMMIT");
  }

  /** Looks through the file for what SQLite would stumble over later. */
  private static void check(Database database) throws IOException {
    // Values that no column should have are damage of one record, not of the file.
    database.run("PRAGMA ignore_check_constraints = ON");
    String found =
        database.first(row -> row.getString(1), "PRAGMA quick_check(1)").orElse("no answer");
    database.run("PRAGMA ignore_check_constraints = OFF");
    if (!found.equals(SOUND)) {
      throw new DamagedStoreException(found);
    }
    int tables =
        database
            .first(
                row -> row.getInt(1),
                """
                SELECT count(*) FROM sqlite_schema WHERE type = 'table'
                AND name IN ('layers', 'images', 'snapshots', 'labels')
                """)
            .orElse(0);
    if (tables < TABLES) {
      throw new DamagedStoreException("tables are missing");
    }
  }

  private static void runAll(Database database, String script) throws IOException {
    for (String statement : read(script).split(";\n", -1)) {
      if (!statement.isBlank()) {
        database.run(statement);
      }
    }
  }

  private static String read(String script) {
    try (var stream = SnapshotStore.class.getResourceAsStream(script)) {
      if (stream == null) {
        throw new IllegalStateException(script + " is missing from the class path");
      }
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
