package io.lazerofs.snapshotter.service;

import io.grpc.Status;
import io.lazerofs.snapshotter.store.Printable;
import io.lazerofs.snapshotter.store.SnapshotException;
import io.lazerofs.snapshotter.store.SnapshotException.AlreadyExists;
import io.lazerofs.snapshotter.store.SnapshotException.FailedPrecondition;
import io.lazerofs.snapshotter.store.SnapshotException.InvalidArgument;
import io.lazerofs.snapshotter.store.SnapshotException.NotFound;
import io.lazerofs.snapshotter.store.SnapshotException.Unavailable;

/** What a failure is on the wire; decided here and nowhere else. */
final class Statuses {
  private Statuses() {}

  /** Returns the status of a refusal, with its message. */
  static Status of(SnapshotException refusal) {
    Status.Code code =
        switch (refusal) {
          case AlreadyExists _ -> Status.Code.ALREADY_EXISTS;
          case NotFound _ -> Status.Code.NOT_FOUND;
          case FailedPrecondition _ -> Status.Code.FAILED_PRECONDITION;
          case InvalidArgument _ -> Status.Code.INVALID_ARGUMENT;
          case Unavailable _ -> Status.Code.UNAVAILABLE;
        };
    return code.toStatus().withDescription(refusal.getMessage());
  }

  /** Returns the status of what went wrong on this machine. */
  static Status of(Exception failure) {
    return Status.INTERNAL.withDescription(Printable.of(failure.toString())).withCause(failure);
  }
}
