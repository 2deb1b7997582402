package io.lazerofs.fetcher.registry;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Several sources of logins as one: all that they have, in their order. */
record CredentialsChain(List<Credentials> sources) implements Credentials {
  private static final Logger LOG = LoggerFactory.getLogger(CredentialsChain.class);

  CredentialsChain {
    sources = List.copyOf(sources);
  }

  @Override
  public List<Credential> candidates(String host, String repository) throws IOException {
    Set<Credential> found = new LinkedHashSet<>();
    Optional<IOException> failure = Optional.empty();
    for (Credentials source : sources) {
      try {
        found.addAll(source.candidates(host, repository));
      } catch (InterruptedIOException e) {
        throw e;
      } catch (IOException e) {
        failure = failure.or(() -> Optional.of(e));
      }
    }
    if (failure.isPresent()) {
      if (found.isEmpty()) {
        throw failure.get();
      }
      LOG.warn("{}; another login is tried", failure.get().getMessage());
    }
    return List.copyOf(found);
  }
}
