package io.lazerofs.snapshotter.cli;

import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.lazerofs.snapshotter.daemon.ConfigurationException;
import io.lazerofs.snapshotter.daemon.OfflineCache;
import io.lazerofs.snapshotter.proto.CacheBlob;
import io.lazerofs.snapshotter.proto.CacheGrpc;
import io.lazerofs.snapshotter.proto.CacheListRequest;
import io.lazerofs.snapshotter.proto.CachePruneRequest;
import io.lazerofs.snapshotter.proto.CacheVerifyRequest;
import io.lazerofs.snapshotter.proto.CacheVerifyResponse;
import io.lazerofs.snapshotter.rpc.SocketClient;
import io.lazerofs.snapshotter.store.SnapshotException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A cache that a command works on, wherever that is done; for one thread. */
sealed interface CacheConnection extends AutoCloseable {

  /** Returns what there is on disk. */
  List<CacheBlob> list() throws IOException;

  /** Gives disk back; returns how many bytes. */
  long prune(boolean all) throws IOException;

  /** Verifies, and hands over what was found of each blob as soon as that is known. */
  void verify(Consumer<CacheVerifyResponse> found) throws IOException;

  @Override
  void close();

  /**
   * Connects to the daemon, or opens its cache when none runs.
   *
   * @param given null when no option was
   */
  static CacheConnection open(@Nullable ServerOptions given)
      throws IOException, ConfigurationException {
    Path socket = ServerOptions.socket(given);
    if (ServerOptions.namesSocket(given) || isServed(socket)) {
      return new Served(SocketClient.of("snapshotter", socket));
    }
    return new Offline(new OfflineCache(ServerOptions.configuration(given)));
  }

  private static boolean isServed(Path socket) {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      return channel.connect(UnixDomainSocketAddress.of(socket));
    } catch (IOException refused) {
      return false;
    }
  }

  /** That of a running daemon. */
  record Served(SocketClient client) implements CacheConnection {
    @Override
    public List<CacheBlob> list() throws IOException {
      try {
        List<CacheBlob> blobs = new ArrayList<>();
        stub().list(CacheListRequest.getDefaultInstance()).forEachRemaining(blobs::add);
        return blobs;
      } catch (StatusRuntimeException e) {
        throw failure("listing its cache", e);
      }
    }

    @Override
    public long prune(boolean all) throws IOException {
      try {
        return stub().prune(CachePruneRequest.newBuilder().setAll(all).build()).getFreedBytes();
      } catch (StatusRuntimeException e) {
        throw failure("pruning its cache", e);
      }
    }

    @Override
    public void verify(Consumer<CacheVerifyResponse> found) throws IOException {
      try {
        stub().verify(CacheVerifyRequest.getDefaultInstance()).forEachRemaining(found);
      } catch (StatusRuntimeException e) {
        throw failure("verifying its cache", e);
      }
    }

    /** Of the older kind of stub: its streams are iterators. */
    private CacheGrpc.CacheBlockingStub stub() {
      return CacheGrpc.newBlockingStub(client.channel());
    }

    private IOException failure(String what, StatusRuntimeException e) {
      Status status = e.getStatus();
      return client.failure(what, new StatusException(status));
    }

    @Override
    public void close() {
      client.close();
    }
  }

  /** That of a daemon that does not run. */
  record Offline(OfflineCache cache) implements CacheConnection {
    @Override
    public List<CacheBlob> list() throws IOException {
      try {
        return cache.upkeep().list();
      } catch (SnapshotException e) {
        throw new IOException(e.getMessage(), e);
      }
    }

    @Override
    public long prune(boolean all) throws IOException {
      try {
        return cache.upkeep().prune(all).getFreedBytes();
      } catch (SnapshotException e) {
        throw new IOException(e.getMessage(), e);
      }
    }

    @Override
    public void verify(Consumer<CacheVerifyResponse> found) throws IOException {
      cache.upkeep().verify().forEachRemaining(found);
    }

    @Override
    public void close() {
      cache.close();
    }
  }
}
