package io.lazerofs.snapshotter.daemon;

import io.lazerofs.dio.DirectIoSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * What a daemon is told.
 *
 * @param root where all its state is; a daemon has it for itself
 * @param address the socket that it serves on
 * @param plainHttp registries, as {@code host} or {@code host:port}, that are spoken to without TLS
 *     though they are not on this machine
 * @param cacheDirectory where blobs are kept, if not below {@code root}
 * @param directIo how O_DIRECT reads are treated
 */
public record Configuration(
    Path root,
    Path address,
    Set<String> plainHttp,
    Optional<Path> cacheDirectory,
    DirectIoSettings directIo) {
  public static final Path DEFAULT_ROOT = Path.of("/var/lib/lazerofs");
  public static final Path DEFAULT_ADDRESS = Path.of("/run/lazerofs/lazerofs.sock");

  public Configuration {
    plainHttp = Set.copyOf(plainHttp);
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
    return new Configuration(root, address, Set.of(), Optional.empty(), DirectIoSettings.DEFAULT);
  }
}
