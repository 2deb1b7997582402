package io.lazerofs.snapshotter.prefetch;

import io.lazerofs.fetcher.registry.Registries;
import io.lazerofs.fetcher.registry.RegistryRepository;
import io.lazerofs.fetcher.trace.Trace;
import io.lazerofs.fetcher.trace.TraceStore;
import io.lazerofs.source.Digest;
import java.io.IOException;
import java.util.Optional;

/** Finds the trace of an image. Safe for use by many threads. */
@FunctionalInterface
public interface TraceLookup {
  /** Finds none, and asks nobody. */
  TraceLookup NONE = (image, manifest) -> Optional.empty();

  /**
   * Returns the trace that an image has now; waits for the registry.
   *
   * @param image the image's reference
   * @param manifest the digest of its manifest
   * @throws IOException when it cannot be told, or the trace cannot be used
   */
  Optional<Trace> find(String image, Digest manifest) throws IOException;

  /** Returns the way to the traces that lie beside images in registries. */
  static TraceLookup in(Registries registries) {
    // A name may lead to a directory of this machine, which no label is to make the daemon read.
    return (image, manifest) ->
        registries.open(image).store() instanceof RegistryRepository repository
            ? new TraceStore(repository).find(manifest)
            : Optional.empty();
  }
}
