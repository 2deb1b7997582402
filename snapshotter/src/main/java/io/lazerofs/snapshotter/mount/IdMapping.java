package io.lazerofs.snapshotter.mount;

import io.lazerofs.snapshotter.store.Labels;
import io.lazerofs.snapshotter.store.LayerRecord.Owner;
import io.lazerofs.snapshotter.store.SnapshotException.InvalidArgument;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which users and groups of a container are which of the machine, as the labels of its snapshot
 * tell. Whoever mounts maps the lower directories by it (idmapped mounts); the upper directory has
 * the machine's ids and belongs to the container's root.
 *
 * @param users {@code CONTAINER:HOST:LENGTH}, separated by commas
 * @param groups likewise
 * @param root the container's root, by the machine's ids
 */
record IdMapping(String users, String groups, Owner root) {
  /** Ids have 32 bits; the highest stands for none (user_namespaces(7)). */
  private static final long NO_ID = 0xffff_ffffL;

  /** A run of ids, in the container and on the machine. */
  private record Range(long container, long host, long length) {
    Optional<Long> host(long id) {
      return id >= container && id - container < length
          ? Optional.of(host + id - container)
          : Optional.empty();
    }
  }

  /**
   * Returns what the labels say, or empty when they say nothing of ids.
   *
   * @throws InvalidArgument when they are no mapping, or map no root
   */
  static Optional<IdMapping> of(Map<String, String> labels) throws InvalidArgument {
    String users = labels.getOrDefault(Labels.UID_MAPPING, "");
    String groups = labels.getOrDefault(Labels.GID_MAPPING, "");
    if (users.isEmpty() && groups.isEmpty()) {
      return Optional.empty();
    }
    Owner root = new Owner(root(Labels.UID_MAPPING, users), root(Labels.GID_MAPPING, groups));
    return Optional.of(new IdMapping(users, groups, root));
  }

  /** Returns the options of a mount that is mapped. */
  List<String> options() {
    return List.of("uidmap=" + users, "gidmap=" + groups);
  }

  private static int root(String label, String mapping) throws InvalidArgument {
    for (Range range : ranges(label, mapping)) {
      Optional<Long> host = range.host(0);
      if (host.isPresent()) {
        return host.get().intValue();
      }
    }
    throw new InvalidArgument(
        "label %s does not map 0, the container's root: \"%s\"".formatted(label, mapping));
  }

  private static List<Range> ranges(String label, String mapping) throws InvalidArgument {
    List<Range> ranges = new ArrayList<>();
    for (String range : mapping.split(",", -1)) {
      if (!range.matches("[0-9]{1,10}:[0-9]{1,10}:[0-9]{1,10}")) {
        throw invalid(label, mapping);
      }
      String[] numbers = range.split(":");
      long container = Long.parseLong(numbers[0]);
      long host = Long.parseLong(numbers[1]);
      long length = Long.parseLong(numbers[2]);
      if (length == 0 || container + length > NO_ID || host + length > NO_ID) {
        throw invalid(label, mapping);
      }
      ranges.add(new Range(container, host, length));
    }
    return ranges;
  }

  private static InvalidArgument invalid(String label, String mapping) {
    return new InvalidArgument(
        "label %s is no list of CONTAINER:HOST:LENGTH: \"%s\"".formatted(label, mapping));
  }
}
