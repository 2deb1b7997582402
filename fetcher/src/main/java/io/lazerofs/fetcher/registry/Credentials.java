package io.lazerofs.fetcher.registry;

import java.io.IOException;
import java.util.List;

/**
 * Where logins come from, one repository at a time. Safe for use by many threads at once; may
 * block.
 */
@FunctionalInterface
public interface Credentials {

  /**
   * Returns the logins for a repository that may be tried, the likeliest first; none for an
   * anonymous one. It is asked whenever a login is needed, so that a changed one is seen.
   *
   * @param host the registry or mirror that is to get the login, with its port if it has one; a
   *     login for another host is never returned
   * @param repository the repository there
   * @throws IOException when there is a login that cannot be read
   */
  List<Credential> candidates(String host, String repository) throws IOException;

  /** Returns a source that has none. */
  static Credentials none() {
    return (host, repository) -> List.of();
  }

  /**
   * Returns several sources as one: the logins of the first come first. A source that cannot be
   * read is passed over, and logged, as long as another has a login.
   */
  static Credentials chain(List<Credentials> sources) {
    return new CredentialsChain(sources);
  }
}
