package io.lazerofs.fetcher.registry;

import java.util.List;

/**
 * What a token is asked for (Docker's token scope documentation): actions on repositories.
 *
 * @param parts each as {@code repository:NAME:ACTIONS}
 */
record Scope(List<String> parts) {
  static Scope pull(String repository) {
    return new Scope(List.of("repository:" + repository + ":pull"));
  }

  static Scope push(String repository) {
    return new Scope(List.of("repository:" + repository + ":pull,push"));
  }

  /** Returns the scope to push to one repository what another of the same registry has. */
  static Scope mount(String repository, String from) {
    return new Scope(
        List.of("repository:" + repository + ":pull,push", "repository:" + from + ":pull"));
  }
}
