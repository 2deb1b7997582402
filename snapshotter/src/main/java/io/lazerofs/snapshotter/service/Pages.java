package io.lazerofs.snapshotter.service;

import io.lazerofs.snapshotter.proto.Info;
import io.lazerofs.snapshotter.proto.ListSnapshotsResponse;
import io.lazerofs.snapshotter.store.Snapshot;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/**
 * A listing in messages of limited size. A client of gRPC takes 4 MiB; one snapshot has 1 MiB of
 * labels at most.
 */
final class Pages implements Iterator<ListSnapshotsResponse> {
  /** The most snapshots in one message. */
  private static final int MOST = 100;

  /** From how many bytes on a message takes no more snapshots. */
  private static final int FULL = 1 << 20;

  private final Iterator<Snapshot> snapshots;

  private Pages(Iterator<Snapshot> snapshots) {
    this.snapshots = snapshots;
  }

  /** Returns the messages that list the snapshots in their order; none when there are none. */
  static Iterator<ListSnapshotsResponse> of(List<Snapshot> snapshots) {
    return new Pages(snapshots.iterator());
  }

  @Override
  public boolean hasNext() {
    return snapshots.hasNext();
  }

  @Override
  public ListSnapshotsResponse next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    ListSnapshotsResponse.Builder page = ListSnapshotsResponse.newBuilder();
    long bytes = 0;
    while (snapshots.hasNext() && page.getInfoCount() < MOST && bytes < FULL) {
      Info info = Wire.info(snapshots.next());
      page.addInfo(info);
      bytes += info.getSerializedSize();
    }
    return page.build();
  }
}
