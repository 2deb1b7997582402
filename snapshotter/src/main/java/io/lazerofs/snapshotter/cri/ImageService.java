package io.lazerofs.snapshotter.cri;

import io.grpc.HandlerRegistry;
import io.grpc.MethodDescriptor;
import io.grpc.ServerMethodDefinition;
import io.lazerofs.fetcher.registry.PulledCredentials;
import io.lazerofs.fetcher.registry.PulledCredentials.Kept;
import io.lazerofs.fetcher.registry.RegistryException;
import io.lazerofs.snapshotter.rpc.SocketClient;
import io.lazerofs.snapshotter.service.SocketServer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The CRI's image service on a socket of lazerofs: containerd's own, whose pulls leave their logins
 * behind. It serves whether containerd runs or not, and refuses calls while it does not.
 */
public final class ImageService implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ImageService.class);
  private static final List<String> SERVICES =
      List.of("runtime.v1.ImageService", "runtime.v1alpha2.ImageService");
  private static final String PULL = "PullImage";

  /** A pull under way may last; nobody waits for its end when the daemon stops. */
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private final SocketClient containerd;
  private final SocketServer server;

  private ImageService(SocketClient containerd, SocketServer server) {
    this.containerd = containerd;
    this.server = server;
  }

  /**
   * Binds the socket and serves.
   *
   * @param containerd the socket of containerd; it need not be there yet
   * @param logins where the logins of pulls are kept
   * @throws IOException when the socket cannot be bound
   */
  public static ImageService start(Path socket, Path containerd, PulledCredentials logins)
      throws IOException {
    SocketClient client = SocketClient.later("containerd", containerd);
    try {
      SocketServer server =
          SocketServer.start(
              socket, List.of(), Optional.of(new Passage(new CallRelay(client), logins)));
      log.info("the image service at {} passes on to {}", socket, containerd);
      return new ImageService(client, server);
    } catch (IOException | RuntimeException e) {
      client.close();
      throw e;
    }
  }

  @Override
  public void close() throws IOException {
    try (containerd) {
      server.close(PATIENCE);
    }
  }

  /** Finds the way of each call by the name of its method alone. */
  private static final class Passage extends HandlerRegistry {
    private final CallRelay relay;
    private final PulledCredentials logins;

    Passage(CallRelay relay, PulledCredentials logins) {
      this.relay = relay;
      this.logins = logins;
    }

    @Override
    public @Nullable ServerMethodDefinition<?, ?> lookupMethod(
        String method, @Nullable String authority) {
      String service = MethodDescriptor.extractFullServiceName(method);
      if (service == null || !SERVICES.contains(service)) {
        return null;
      }
      return method.equals(service + "/" + PULL)
          ? relay.method(method, this::watch)
          : relay.method(method, _ -> CallRelay.End.IGNORED);
    }

    /** Keeps the login before the pull begins: the snapshotter is asked for layers during it. */
    private CallRelay.End watch(byte[] request) {
      Optional<PullLogin> login = PullLogin.of(request);
      if (login.isEmpty()) {
        return CallRelay.End.IGNORED;
      }
      try {
        Kept kept =
            logins.keep(login.get().image(), login.get().server(), login.get().credential());
        return status -> {
          if (!status.isOk()) {
            kept.pullFailed();
          }
        };
      } catch (RegistryException.InvalidName e) {
        // containerd says to the caller what is wrong with it.
        log.debug("the login of a pull is not kept: {}", e.getMessage());
        return CallRelay.End.IGNORED;
      }
    }
  }
}
