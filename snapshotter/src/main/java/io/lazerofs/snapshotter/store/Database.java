package io.lazerofs.snapshotter.store;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * One connection to a database: SQL and its arguments go in, rows come out, and a failure is an
 * {@link IOException}. Not safe for use by several threads at once.
 */
final class Database implements AutoCloseable {

  /**
   * Makes a value of the row that a result stands on; an {@link IllegalArgumentException} says that
   * the row is damaged.
   */
  @FunctionalInterface
  interface Row<T> {
    T of(ResultSet row) throws SQLException;
  }

  /** Something done over JDBC. */
  @FunctionalInterface
  private interface Call<T> {
    T call() throws SQLException;
  }

  private final Connection connection;

  private Database(Connection connection) {
    this.connection = connection;
  }

  /**
   * Opens the database in a file, which is made when it does not exist.
   *
   * @throws DamagedStoreException when the file is something else
   */
  static Database open(Path file, SQLiteConfig config) throws IOException {
    return new Database(translate(() -> config.createConnection("jdbc:sqlite:" + file)));
  }

  /** Returns the rows of a query, in its order. */
  <T> List<T> query(Row<T> row, String sql, @Nullable Object... arguments) throws IOException {
    return translate(() -> {
      try (PreparedStatement statement = prepare(sql, arguments);
          ResultSet result = statement.executeQuery()) {
        List<T> rows = new ArrayList<>();
        while (result.next()) {
          rows.add(row.of(result));
        }
        return rows;
      }
    });
  }

  /** Returns the first row of a query, or empty when it has none. */
  <T> Optional<T> first(Row<T> row, String sql, @Nullable Object... arguments) throws IOException {
    return query(row, sql, arguments).stream().findFirst();
  }

  /** Runs a statement and returns how many rows it changed. */
  int update(String sql, @Nullable Object... arguments) throws IOException {
    return translate(() -> {
      try (PreparedStatement statement = prepare(sql, arguments)) {
        return statement.executeUpdate();
      }
    });
  }

  /** Runs a statement that begins, ends or defines something. */
  void run(String sql) throws IOException {
    translate(() -> {
      try (Statement statement = connection.createStatement()) {
        return statement.execute(sql);
      }
    });
  }

  @Override
  public void close() throws IOException {
    translate(() -> {
      connection.close();
      return true;
    });
  }

  private PreparedStatement prepare(String sql, @Nullable Object... arguments) throws SQLException {
    PreparedStatement statement = connection.prepareStatement(sql);
    for (int i = 0; i < arguments.length; i++) {
      statement.setObject(i + 1, arguments[i]);
    }
    return statement;
  }

  private static <T> T translate(Call<T> call) throws IOException {
    try {
      return call.call();
    } catch (SQLException e) {
      throw failure(e);
    } catch (IllegalArgumentException e) {
      throw new DamagedRecordException(String.valueOf(e.getMessage()));
    }
  }

  /** Returns what a failure of SQLite is to callers. */
  private static IOException failure(SQLException e) {
    // The low byte of an extended result code is the primary one (sqlite.org/rescode.html).
    int code = e instanceof SQLiteException sqlite ? sqlite.getResultCode().code & 0xff : 0;
    return code == SQLiteErrorCode.SQLITE_CORRUPT.code || code == SQLiteErrorCode.SQLITE_NOTADB.code
        ? new DamagedStoreException(String.valueOf(e.getMessage()))
        : new IOException("snapshot database: " + e.getMessage(), e);
  }
}
