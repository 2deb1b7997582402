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
 * A daemon that has the root when this one starts. This one takes its place and its mount over when
 * it is told to, or the other one serves on though the process that watched over it was killed.
 *
 * @param takePlace whether this daemon is told to
 */
record Predecessor(boolean takePlace) {
  private static final Logger log = LoggerFactory.getLogger(Predecessor.class);
  private static final long ANSWER_SECONDS = 10;

  /**
   * Asks the daemon to leave; returns whether it will.
   *
   * @param address the socket that it serves
   */
  boolean askToLeave(long pid, Path address) {
    log.info("this daemon takes the place of process {}", pid);
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
