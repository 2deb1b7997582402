package io.lazerofs.snapshotter.daemon;

import io.grpc.StatusException;
import io.lazerofs.snapshotter.proto.DaemonGrpc;
import io.lazerofs.snapshotter.proto.StopRequest;
import io.lazerofs.snapshotter.rpc.SocketClient;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A daemon that serves on after the process that watched over it was killed: one that is started by
 * hand takes its place, and its mount over.
 *
 * @param address the socket that it is expected on
 */
record Orphan(Path address) {
  private static final Logger log = LoggerFactory.getLogger(Orphan.class);
  private static final long ANSWER_SECONDS = 10;

  /** Asks the daemon to leave; returns whether it will. */
  boolean askToLeave(long pid) {
    log.info("process {} serves on though nobody watches over it; this one takes its place", pid);
    try (SocketClient client = SocketClient.of("snapshotter", address)) {
      var unused =
          DaemonGrpc.newBlockingV2Stub(client.channel())
              .withDeadlineAfter(ANSWER_SECONDS, TimeUnit.SECONDS)
              .stop(StopRequest.newBuilder().setKeepMounts(true).build());
      return true;
    } catch (StatusException | IOException e) {
      log.warn("process {} does not leave: {}", pid, e.getMessage());
      return false;
    }
  }
}
