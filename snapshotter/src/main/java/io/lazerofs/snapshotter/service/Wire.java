package io.lazerofs.snapshotter.service;

import com.google.protobuf.Timestamp;
import io.lazerofs.snapshotter.mount.Mount;
import io.lazerofs.snapshotter.proto.Info;
import io.lazerofs.snapshotter.store.Kind;
import io.lazerofs.snapshotter.store.Snapshot;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The words of the snapshotter in protobuf. */
final class Wire {
  private Wire() {}

  static Info info(Snapshot snapshot) {
    return Info.newBuilder()
        .setName(snapshot.key())
        .setParent(snapshot.parent().orElse(""))
        .setKind(kind(snapshot.kind()))
        .setCreatedAt(timestamp(snapshot.created()))
        .setUpdatedAt(timestamp(snapshot.updated()))
        .putAllLabels(snapshot.labels())
        .build();
  }

  static List<io.lazerofs.snapshotter.proto.Mount> mounts(List<Mount> mounts) {
    return mounts.stream()
        .map(mount ->
            io.lazerofs.snapshotter.proto.Mount.newBuilder()
                .setType(mount.type())
                .setSource(mount.source())
                .addAllOptions(mount.options())
                .build())
        .toList();
  }

  /** Returns the parent that a request names; a field that is not set is empty on the wire. */
  static Optional<String> parent(String name) {
    return name.isEmpty() ? Optional.empty() : Optional.of(name);
  }

  private static io.lazerofs.snapshotter.proto.Kind kind(Kind kind) {
    return switch (kind) {
      case VIEW -> io.lazerofs.snapshotter.proto.Kind.VIEW;
      case ACTIVE -> io.lazerofs.snapshotter.proto.Kind.ACTIVE;
      case COMMITTED -> io.lazerofs.snapshotter.proto.Kind.COMMITTED;
    };
  }

  private static Timestamp timestamp(Instant time) {
    return Timestamp.newBuilder()
        .setSeconds(time.getEpochSecond())
        .setNanos(time.getNano())
        .build();
  }
}
