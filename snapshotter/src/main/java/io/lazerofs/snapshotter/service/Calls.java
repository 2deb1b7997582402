package io.lazerofs.snapshotter.service;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.lazerofs.fetcher.logging.LogScope;
import io.lazerofs.snapshotter.store.Printable;
import io.lazerofs.snapshotter.store.SnapshotException;
import io.lazerofs.snapshotter.store.SnapshotException.Unavailable;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The way of every call: does something, and answers with its result or with a status. */
final class Calls {
  private static final Logger log = LoggerFactory.getLogger(Calls.class);

  /** What a call does. */
  @FunctionalInterface
  interface Body<T> {
    T run() throws SnapshotException, IOException;
  }

  private Calls() {}

  /**
   * Answers a call with one message.
   *
   * @param what the call and, after a blank, the snapshot that it is about, for the log
   */
  static <T> void answer(String what, StreamObserver<T> observer, Body<T> body) {
    stream(what, observer, () -> List.of(body.run()).iterator());
  }

  /** Answers a call with any number of messages. */
  static <T> void stream(String what, StreamObserver<T> observer, Body<Iterator<T>> body) {
    int blank = what.indexOf(' ');
    if (blank < 0) {
      streamInScope(what, observer, body);
      return;
    }
    try (LogScope scope = LogScope.snapshot(what.substring(blank + 1))) {
      streamInScope(what, observer, body);
    }
  }

  private static <T> void streamInScope(
      String what, StreamObserver<T> observer, Body<Iterator<T>> body) {
    Iterator<T> replies;
    try {
      replies = body.run();
    } catch (SnapshotException e) {
      fail(what, observer, e);
      return;
    } catch (IOException | RuntimeException e) {
      log.error("{} failed", Printable.of(what), e);
      observer.onError(Statuses.of(e).asRuntimeException());
      return;
    }
    replies.forEachRemaining(observer::onNext);
    observer.onCompleted();
  }

  private static void fail(String what, StreamObserver<?> observer, SnapshotException refusal) {
    Status status = Statuses.of(refusal);
    if (refusal instanceof Unavailable) {
      log.warn("{}: {}", Printable.of(what), refusal.getMessage());
    } else {
      log.debug("{}: {} {}", Printable.of(what), status.getCode(), refusal.getMessage());
    }
    observer.onError(status.asRuntimeException());
  }
}
