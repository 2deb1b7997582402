package io.lazerofs.fetcher.registry;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a token is asked for (Docker's token scope documentation).
 *
 * @param repository without the registry
 * @param actions on that repository, as {@code pull,push}
 * @param source another repository of the same registry that is read, if any
 */
record Scope(String repository, String actions, Optional<String> source) {
  static Scope pull(String repository) {
    return new Scope(repository, "pull", Optional.empty());
  }

  static Scope push(String repository) {
    return new Scope(repository, "pull,push", Optional.empty());
  }

  /** Returns the scope to push to one repository what another of the same registry has. */
  static Scope mount(String repository, String from) {
    return new Scope(repository, "pull,push", Optional.of(from));
  }

  /** Returns what to ask for, each as {@code repository:NAME:ACTIONS}. */
  List<String> parts() {
    return Stream.concat(
            Stream.of("repository:" + repository + ":" + actions),
            source.stream().map(from -> "repository:" + from + ":pull"))
        .toList();
  }
}
