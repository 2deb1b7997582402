package io.lazerofs.snapshotter.daemon;

import io.lazerofs.dio.DirectIoSettings;
import io.lazerofs.snapshotter.metrics.MetricsAddress;
import io.lazerofs.snapshotter.mount.Verify;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What a daemon is told.
 *
 * @param root where all its state is; a daemon has it for itself
 * @param address the socket that it serves on
 * @param verify what is done with layers that have no hash tree
 * @param background at how many bytes a second layers are completed while nobody reads; empty for
 *     not at all
 * @param registry how registries are talked to
 * @param cache where blobs are kept, and how many bytes of them
 * @param prefetch what is fetched before it is read
 * @param directIo how O_DIRECT reads are treated
 * @param cri how the logins of Kubernetes' pulls come here
 * @param metrics where figures and health are served over HTTP; empty for nowhere
 * @param log what is logged, and how
 */
public record Configuration(
    Path root,
    Path address,
    Verify verify,
    OptionalLong background,
    Registry registry,
    Cache cache,
    Prefetch prefetch,
    DirectIoSettings directIo,
    Cri cri,
    Optional<MetricsAddress> metrics,
    Log log) {
  public static final Path DEFAULT_ROOT = Path.of("/var/lib/lazerofs");
  public static final Path DEFAULT_ADDRESS = Path.of("/run/lazerofs/lazerofs.sock");

  /**
   * How registries are talked to.
   *
   * @param plainHttp registries, as {@code host} or {@code host:port}, that are spoken to without
   *     TLS though they are not on this machine
   * @param configPath the directory of containerd's {@code HOST/hosts.toml}: mirrors, certificates
   *     and headers; it may be missing
   * @param dockerConfig a Docker {@code config.json} or a mounted Kubernetes {@code
   *     .dockerconfigjson} with the logins; if empty, the daemon's user's own
   * @param deadline how long a read waits for a registry that fails
   * @param stall how long an answer may bring nothing before it is given up
   */
  public record Registry(
      Set<String> plainHttp,
      Path configPath,
      Optional<Path> dockerConfig,
      Duration deadline,
      Duration stall) {
    public static final Registry DEFAULT =
        new Registry(
            Set.of(),
            Path.of("/etc/containerd/certs.d"),
            Optional.empty(),
            Duration.ofSeconds(60),
            Duration.ofSeconds(10));

    public Registry {
      plainHttp = Set.copyOf(plainHttp);
    }
  }

  /**
   * Where blobs are kept, and how many bytes of them.
   *
   * @param directory if not below the root
   * @param maxBytes the most bytes of disk that blobs take; if empty, nine tenths of what the file
   *     system has for them
   * @param highWatermark from how many percent of the most on blobs are evicted
   * @param lowWatermark down to how many percent they are then
   */
  public record Cache(
      Optional<Path> directory, OptionalLong maxBytes, int highWatermark, int lowWatermark) {
    public static final Cache DEFAULT = new Cache(Optional.empty(), OptionalLong.empty(), 95, 85);
  }

  /**
   * What is fetched before it is read.
   *
   * @param trace whether the first reads of each image are recorded, and a trace found beside an
   *     image is followed
   * @param maxBytes the most bytes that are fetched ahead for an image
   * @param connections the most requests that are under way for it at once
   */
  public record Prefetch(boolean trace, long maxBytes, int connections) {
    public static final Prefetch DEFAULT = new Prefetch(true, 256L << 20, 4);
  }

  /**
   * How the logins of Kubernetes' pulls come here.
   *
   * @param imageService the socket on which the CRI's image service is passed on to containerd; if
   *     empty, it is not
   * @param containerd the socket of containerd
   */
  public record Cri(Optional<Path> imageService, Path containerd) {
    public static final Cri DEFAULT =
        new Cri(Optional.empty(), Path.of("/run/containerd/containerd.sock"));
  }

  /**
   * What is logged, and how.
   *
   * @param level the least that a line has to be to be logged
   */
  public record Log(Format format, Level level) {
    public static final Log DEFAULT = new Log(Format.TEXT, Level.INFO);

    /** What a line of the log is. */
    public enum Format {
      /** A sentence, and after it what it is about. */
      TEXT,
      /** A JSON object. */
      JSON
    }

    /** How much a line of the log matters, the most first. */
    public enum Level {
      ERROR,
      WARN,
      INFO,
      DEBUG,
      TRACE
    }
  }

  /**
   * Reads a configuration from a TOML file.
   *
   * @throws ConfigurationException when it is no TOML, has an unknown key or a value that cannot be
   *     used
   * @throws IOException when the file cannot be read
   */
  public static Configuration read(Path file) throws IOException {
    return ConfigurationFile.read(file);
  }

  /** Returns the configuration of an empty file but for the two places. */
  public static Configuration of(Path root, Path address) {
    return new Configuration(
        root,
        address,
        Verify.WHEN_POSSIBLE,
        OptionalLong.empty(),
        Registry.DEFAULT,
        Cache.DEFAULT,
        Prefetch.DEFAULT,
        DirectIoSettings.DEFAULT,
        Cri.DEFAULT,
        Optional.empty(),
        Log.DEFAULT);
  }
}
