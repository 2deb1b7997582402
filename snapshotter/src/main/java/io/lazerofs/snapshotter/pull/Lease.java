package io.lazerofs.snapshotter.pull;

import io.grpc.Channel;
import io.grpc.StatusException;
import io.lazerofs.snapshotter.proto.leases.CreateRequest;
import io.lazerofs.snapshotter.proto.leases.DeleteRequest;
import io.lazerofs.snapshotter.proto.leases.LeasesGrpc;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A lease of containerd's, held while content is assembled: what is made under it is not garbage
 * until the lease is closed.
 */
final class Lease implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Lease.class);

  /** When a lease ends by itself, should this process never end it. */
  private static final Duration LIFETIME = Duration.ofHours(24);

  private final ContainerdClient client;
  private final String id;

  private Lease(ContainerdClient client, String id) {
    this.client = client;
    this.id = id;
  }

  /** Takes a lease called {@code id}, which must be new. */
  static Lease take(ContainerdClient client, String id, Instant now) throws IOException {
    CreateRequest request =
        CreateRequest.newBuilder()
            .setId(id)
            .putLabels(
                "containerd.io/gc.expire",
                now.plus(LIFETIME).truncatedTo(ChronoUnit.SECONDS).toString())
            .build();
    try {
      var created = LeasesGrpc.newBlockingV2Stub(client.channel()).create(request);
      return new Lease(client, created.getLease().getId());
    } catch (StatusException e) {
      throw client.failure("creating a lease", e);
    }
  }

  String id() {
    return id;
  }

  /** Returns a channel whose calls are made under this lease. */
  Channel channel() {
    return client.channel(id);
  }

  @Override
  public void close() {
    try {
      LeasesGrpc.newBlockingV2Stub(client.channel())
          .delete(DeleteRequest.newBuilder().setId(id).build());
    } catch (StatusException e) {
      LOG.warn("lease {} stays until it expires: {}", id, e.getMessage());
    }
  }
}
