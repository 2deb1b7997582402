package io.lazerofs.snapshotter.store;

import io.lazerofs.snapshotter.store.SnapshotException.InvalidArgument;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * A choice of snapshots in containerd's filter language (pkg/filters).
 *
 * <pre>{@code
 * kind==active                                   the fields are name, parent, kind and labels
 * name~=/^default\/[0-9]+/                       "~=" is a regular expression
 * labels."containerd.io/snapshot.ref",parent!="" "," is and; a field alone asks whether it is there
 * }</pre>
 */
public final class SnapshotFilter {

  /** One condition. A field that a snapshot does not have is there for "!=" and "~=" as "". */
  sealed interface Condition {
    boolean holds(Optional<String> value);

    /** The field is there, whatever its value. */
    record Present() implements Condition {
      @Override
      public boolean holds(Optional<String> value) {
        return value.isPresent();
      }
    }

    /** The field is there and has the value. */
    record Equal(String expected) implements Condition {
      @Override
      public boolean holds(Optional<String> value) {
        return value.isPresent() && value.get().equals(expected);
      }
    }

    /** The field has another value, or is not there. */
    record NotEqual(String unexpected) implements Condition {
      @Override
      public boolean holds(Optional<String> value) {
        return !value.orElse("").equals(unexpected);
      }
    }

    /** The value contains a match. */
    record Matches(Pattern pattern) implements Condition {
      @Override
      public boolean holds(Optional<String> value) {
        return pattern.matcher(value.orElse("")).find();
      }
    }
  }

  /** A condition on a field, which is named by one or more words. */
  record Selector(List<String> field, Condition condition) implements Predicate<Snapshot> {
    @Override
    public boolean test(Snapshot snapshot) {
      return condition.holds(value(snapshot));
    }

    private Optional<String> value(Snapshot snapshot) {
      return switch (field.getFirst()) {
        case "name" -> Optional.of(snapshot.key());
        case "parent" -> Optional.of(snapshot.parent().orElse(""));
        case "kind" -> Optional.of(snapshot.kind().name().toLowerCase(Locale.ROOT));
        case "labels" ->
            Optional.ofNullable(
                snapshot.labels().get(String.join(".", field.subList(1, field.size()))));
        default -> Optional.empty();
      };
    }
  }

  private SnapshotFilter() {}

  /**
   * Returns what chooses the snapshots that match at least one of the filters. No filter at all,
   * and an empty one, choose every snapshot.
   *
   * @throws InvalidArgument when one of them is not in the language
   */
  public static Predicate<Snapshot> parse(List<String> filters) throws InvalidArgument {
    if (filters.isEmpty()) {
      return snapshot -> true;
    }
    List<Predicate<Snapshot>> any = new ArrayList<>();
    for (String filter : filters) {
      List<Selector> all = filter.isEmpty() ? List.of() : new FilterParser(filter).selectors();
      any.add(snapshot -> all.stream().allMatch(selector -> selector.test(snapshot)));
    }
    return snapshot -> any.stream().anyMatch(filter -> filter.test(snapshot));
  }
}
