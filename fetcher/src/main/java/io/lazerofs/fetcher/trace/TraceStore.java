package io.lazerofs.fetcher.trace;

import io.lazerofs.fetcher.registry.Artifact;
import io.lazerofs.fetcher.registry.Descriptor;
import io.lazerofs.fetcher.registry.Document;
import io.lazerofs.fetcher.registry.ImageStore;
import io.lazerofs.fetcher.registry.RegistryRepository;
import io.lazerofs.source.Digest;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;

/**
 * The traces in one repository, each beside its image. Calls wait for the registry; safe for use by
 * many threads at once.
 */
public record TraceStore(RegistryRepository repository) {

  /**
   * Puts a trace beside its image; it is the one that is found from now on.
   *
   * @param image the image's manifest, which the trace names
   * @return the digest of the artifact's manifest
   * @throws IllegalArgumentException when the trace is of another image
   */
  public Digest put(Document image, Trace trace, Instant now) throws IOException {
    if (!trace.image().equals(image.digest())) {
      throw new IllegalArgumentException(
          "a trace of " + trace.image() + " beside " + image.digest());
    }
    byte[] json = TraceFormat.encode(trace);
    Artifact artifact =
        new Artifact(
            TraceFormat.MEDIA_TYPE,
            image.descriptor(),
            ImageStore.describe(TraceFormat.MEDIA_TYPE, json),
            Map.of(Artifact.CREATED, now.truncatedTo(ChronoUnit.SECONDS).toString()));
    return repository.referrers().put(artifact, ImageStore.Content.of(json)).digest();
  }

  /**
   * Finds the newest trace of an image.
   *
   * @param image the digest of the image's manifest
   * @return empty when there is none
   * @throws InvalidTraceException when the newest one cannot be used
   * @throws IOException when the registry does not give it
   */
  public Optional<Trace> find(Digest image) throws IOException {
    // Times in the one form that put() writes have the order of their texts.
    Optional<Descriptor> newest =
        repository.referrers().list(image, TraceFormat.MEDIA_TYPE).stream()
            .max(
                Comparator.comparing(
                    entry -> entry.annotations().getOrDefault(Artifact.CREATED, "")));
    if (newest.isEmpty()) {
      return Optional.empty();
    }
    Trace trace = TraceFormat.decode(repository.referrers().read(newest.get()));
    if (!trace.image().equals(image)) {
      throw new InvalidTraceException("it is of " + trace.image() + ", not of " + image, null);
    }
    return Optional.of(trace);
  }
}
