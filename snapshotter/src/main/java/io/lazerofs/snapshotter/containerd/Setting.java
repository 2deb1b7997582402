package io.lazerofs.snapshotter.containerd;

import java.util.List;
import java.util.Map;

/** Something that has to stand in containerd's configuration. */
sealed interface Setting {
  /** The names of the tables that it is in, the outermost first. */
  List<String> table();

  /** What does not work without it. */
  String reason();

  /**
   * A key with its value.
   *
   * @param value a text, a boolean or a list of texts
   */
  record Value(List<String> table, String key, Object value, String reason) implements Setting {}

  /**
   * An entry in a list of tables, which may have others.
   *
   * @param values keys and texts of the entry
   * @param known the key by whose value the entry is told from others
   */
  record Entry(List<String> table, Map<String, String> values, String known, String reason)
      implements Setting {}
}
