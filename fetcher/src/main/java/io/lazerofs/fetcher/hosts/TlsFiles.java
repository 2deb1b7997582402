package io.lazerofs.fetcher.hosts;

import java.nio.file.Path;
import java.util.List;

/**
 * The files for TLS with one host, all PEM.
 *
 * @param ca certificates to trust besides those of the system
 * @param client certificates to show with their keys
 * @param skipVerify whether any certificate is taken
 */
public record TlsFiles(List<Path> ca, List<Pair> client, boolean skipVerify) {
  public static final TlsFiles NONE = new TlsFiles(List.of(), List.of(), false);

  public TlsFiles {
    ca = List.copyOf(ca);
    client = List.copyOf(client);
  }

  /**
   * A certificate with those that sign it, and its key.
   *
   * @param key may be the same file
   */
  public record Pair(Path certificate, Path key) {}

  /** Returns whether connections need anything special. */
  public boolean isEmpty() {
    return equals(NONE);
  }
}
