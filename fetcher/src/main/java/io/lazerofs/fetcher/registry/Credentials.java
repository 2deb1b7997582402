package io.lazerofs.fetcher.registry;

import java.io.IOException;
import java.util.Optional;

/** Where logins come from, one host at a time. Safe for use by many threads at once; may block. */
@FunctionalInterface
public interface Credentials {

  /**
   * Returns the login for a registry, or empty for an anonymous one. It is asked whenever a login
   * is needed, so that a changed one is seen.
   *
   * @param host the registry as image names give it, with its port if it has one
   * @throws IOException when there is a login that cannot be read
   */
  Optional<Credential> forHost(String host) throws IOException;

  /** Returns a source that has none. */
  static Credentials none() {
    return host -> Optional.empty();
  }
}
