package io.lazerofs.snapshotter.mount;

import io.lazerofs.snapshotter.store.Kind;
import io.lazerofs.snapshotter.store.Labels;
import io.lazerofs.snapshotter.store.Snapshot;
import io.lazerofs.snapshotter.store.SnapshotException;
import io.lazerofs.snapshotter.store.SnapshotException.AlreadyExists;
import io.lazerofs.snapshotter.store.SnapshotException.FailedPrecondition;
import io.lazerofs.snapshotter.store.SnapshotException.InvalidArgument;
import io.lazerofs.snapshotter.store.SnapshotException.NotFound;
import io.lazerofs.source.Digest;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What containerd's rules make of a sequence of calls: a plain map. Each call returns the refusals
 * that are right; none means that it is to succeed. A call that is refused changes nothing.
 */
final class SnapshotModel {

  /**
   * A snapshot.
   *
   * @param blob what its lazy layer shows
   */
  record Entry(
      Kind kind, Optional<String> parent, Map<String, String> labels, Optional<Digest> blob) {
    static Entry of(Snapshot snapshot, Optional<Digest> blob) {
      return new Entry(snapshot.kind(), snapshot.parent(), snapshot.labels(), blob);
    }
  }

  private final Map<String, Entry> entries;

  SnapshotModel() {
    this(Map.of());
  }

  private SnapshotModel(Map<String, Entry> entries) {
    this.entries = new TreeMap<>(entries);
  }

  SnapshotModel copy() {
    return new SnapshotModel(entries);
  }

  Map<String, Entry> entries() {
    return entries;
  }

  List<String> names() {
    return List.copyOf(entries.keySet());
  }

  /** Returns the blobs that have to be in the mount. */
  Set<Digest> blobs() {
    return entries.values().stream()
        .flatMap(entry -> entry.blob.stream())
        .collect(Collectors.toSet());
  }

  Set<Class<? extends SnapshotException>> create(
      Kind kind, String key, Optional<String> parent, Map<String, String> labels) {
    Set<Class<? extends SnapshotException>> refusals = parentRefusals(parent);
    if (entries.containsKey(key)) {
      refusals.add(AlreadyExists.class);
    }
    if (refusals.isEmpty()) {
      entries.put(key, new Entry(kind, parent, labels, Optional.empty()));
    }
    return refusals;
  }

  /** A Prepare of a remote layer, which is refused when it succeeds. */
  Set<Class<? extends SnapshotException>> createRemote(
      String target, Optional<String> parent, Map<String, String> labels, Digest blob) {
    Set<Class<? extends SnapshotException>> refusals = parentRefusals(parent);
    if (refusals.isEmpty()) {
      refusals.add(AlreadyExists.class);
      if (!isCommitted(target, parent)) {
        String name =
            entries.containsKey(target) ? target + " on " + parent.orElse("nothing") : target;
        entries.putIfAbsent(name, new Entry(Kind.COMMITTED, parent, labels, Optional.of(blob)));
      }
    }
    return refusals;
  }

  private boolean isCommitted(String target, Optional<String> parent) {
    return entries.values().stream()
        .anyMatch(entry ->
            entry.kind == Kind.COMMITTED
                && entry.parent.equals(parent)
                && target.equals(entry.labels.get(Labels.TARGET)));
  }

  Set<Class<? extends SnapshotException>> commit(
      String key, String name, Map<String, String> labels) {
    Set<Class<? extends SnapshotException>> refusals = absent(key);
    if (entries.containsKey(name)) {
      refusals.add(AlreadyExists.class);
    }
    Entry active = entries.get(key);
    if (active != null && active.kind != Kind.ACTIVE) {
      refusals.add(FailedPrecondition.class);
    }
    if (refusals.isEmpty() && active != null) {
      entries.remove(key);
      entries.put(name, new Entry(Kind.COMMITTED, active.parent, labels, Optional.empty()));
    }
    return refusals;
  }

  Set<Class<? extends SnapshotException>> remove(String key) {
    Set<Class<? extends SnapshotException>> refusals = absent(key);
    if (entries.values().stream().anyMatch(entry -> entry.parent.equals(Optional.of(key)))) {
      refusals.add(FailedPrecondition.class);
    }
    if (refusals.isEmpty()) {
      entries.remove(key);
    }
    return refusals;
  }

  Set<Class<? extends SnapshotException>> label(String key, String label, String value) {
    entries.computeIfPresent(
        key,
        (_, entry) -> {
          Map<String, String> labels = new HashMap<>(entry.labels);
          labels.put(label, value);
          labels.values().removeIf(String::isEmpty);
          return new Entry(entry.kind, entry.parent, Map.copyOf(labels), entry.blob);
        });
    return absent(key);
  }

  Set<Class<? extends SnapshotException>> mounts(String key) {
    Set<Class<? extends SnapshotException>> refusals = absent(key);
    Entry entry = entries.get(key);
    if (entry != null && entry.kind == Kind.COMMITTED) {
      refusals.add(FailedPrecondition.class);
    }
    return refusals;
  }

  Set<Class<? extends SnapshotException>> absent(String key) {
    return new HashSet<>(
        entries.containsKey(key) ? Set.of() : (Collection<Class<NotFound>>) Set.of(NotFound.class));
  }

  private Set<Class<? extends SnapshotException>> parentRefusals(Optional<String> parent) {
    Set<Class<? extends SnapshotException>> refusals = new HashSet<>();
    parent.ifPresent(name -> {
      refusals.addAll(absent(name));
      Entry entry = entries.get(name);
      if (entry != null && entry.kind != Kind.COMMITTED) {
        refusals.add(InvalidArgument.class);
      }
    });
    return refusals;
  }
}
