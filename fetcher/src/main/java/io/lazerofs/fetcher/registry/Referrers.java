package io.lazerofs.fetcher.registry;

import io.lazerofs.fetcher.hosts.Capability;
import io.lazerofs.fetcher.http.Answer;
import io.lazerofs.source.Digest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.Request;
import okhttp3.RequestBody;

/**
 * The artifacts that belong to the images of one repository (OCI distribution specification 1.1,
 * "Listing Referrers" and "Referrers Tag Schema").
 *
 * <p>A registry that has no list of referrers answers 404 when it is asked for one, and does not
 * name the subject when it takes a manifest. Its clients keep the list themselves then, in an index
 * with the tag {@code sha256-HEX} of the subject. Two that write the same list at once can lose an
 * entry, as the specification says; who reads it takes what is there.
 *
 * <p>Safe for use by many threads at once.
 */
public final class Referrers {
  /** How many pages of a list are read; a list that never ends is a registry's mistake. */
  private static final int MOST_PAGES = 16;

  private static final Pattern NEXT =
      Pattern.compile("<([^>]*)>\\s*;[^,]*\\brel=\"?next\"?", Pattern.CASE_INSENSITIVE);

  private final RegistryRepository repository;

  Referrers(RegistryRepository repository) {
    this.repository = repository;
  }

  /** Some of the referrers, and where the next of them are. */
  private record Page(List<Descriptor> entries, Optional<HttpUrl> next) {}

  /**
   * Returns what refers to a manifest, of one type of artifact; often nothing.
   *
   * @throws RegistryException.Malformed when the list breaks the specification
   */
  public List<Descriptor> list(Digest subject, String artifactType) throws IOException {
    Optional<List<Descriptor>> listed = fromApi(subject, artifactType);
    List<Descriptor> entries = new ArrayList<>(listed.isPresent() ? listed.get() : tagged(subject));
    // The tagged list has no filter.
    entries.removeIf(entry -> !isOfType(entry, artifactType));
    return entries;
  }

  /** Returns empty when the registry has no such list. */
  private Optional<List<Descriptor>> fromApi(Digest subject, String artifactType)
      throws IOException {
    try {
      return Optional.of(
          repository.ask(
              "referrers of " + repository.nameOf(subject.toString()),
              Capability.RESOLVE,
              source -> allPages(source, subject, artifactType)));
    } catch (RegistryException.NotFound e) {
      return Optional.empty();
    }
  }

  private List<Descriptor> allPages(HostRepository source, Digest subject, String artifactType)
      throws IOException {
    List<Descriptor> entries = new ArrayList<>();
    Optional<HttpUrl> next =
        Optional.of(
            source
                .url("referrers/" + subject)
                .newBuilder()
                .addQueryParameter("artifactType", artifactType)
                .build());
    for (int page = 0; next.isPresent() && page < MOST_PAGES; page++) {
      Page read = page(source, next.get());
      // The registry may ignore the filter.
      read.entries.stream().filter(entry -> isOfType(entry, artifactType)).forEach(entries::add);
      if (entries.size() > Limits.REFERRERS) {
        throw new RegistryException.Malformed(
            "referrers of " + repository.nameOf(subject.toString()),
            "more than " + Limits.REFERRERS + " of the type " + artifactType);
      }
      next = read.next;
    }
    return entries;
  }

  private Page page(HostRepository source, HttpUrl url) throws IOException {
    Request request = new Request.Builder().url(url).header("Accept", MediaTypes.OCI_INDEX).build();
    try (Answer answer = source.send(request, Scope.pull(repository.name()))) {
      if (answer.status() != 200) {
        throw answer.failure();
      }
      Document list = Document.of(MediaTypes.OCI_INDEX, answer.body(Document.MAX_BYTES));
      return new Page(Index.parse(list).manifests(), next(source, answer));
    }
  }

  /** Returns the address of the next page, when it is one of this registry. */
  private static Optional<HttpUrl> next(HostRepository source, Answer answer) {
    Matcher link = NEXT.matcher(answer.header("Link").orElse(""));
    return link.find()
        ? Optional.ofNullable(answer.url().resolve(link.group(1))).filter(source::owns)
        : Optional.empty();
  }

  private List<Descriptor> tagged(Digest subject) throws IOException {
    return taggedIndex(subject).map(Index::manifests).orElse(List.of());
  }

  private Optional<Index> taggedIndex(Digest subject) throws IOException {
    try {
      return Optional.of(Index.parse(repository.resolve(tag(subject))));
    } catch (RegistryException.NotFound e) {
      return Optional.empty();
    }
  }

  /**
   * Returns the content of an artifact, verified.
   *
   * @param manifest as {@link #list} gave it
   * @throws RegistryException.Malformed when it is of more than one blob, or of a large one
   */
  public byte[] read(Descriptor manifest) throws IOException {
    String digest = manifest.digest().toString();
    List<Descriptor> blobs = Manifest.parse(repository.resolve(digest)).layers();
    if (blobs.size() != 1) {
      throw new RegistryException.Malformed(
          "artifact " + repository.nameOf(digest), "of " + blobs.size() + " blobs, not one");
    }
    return repository.readBlob(blobs.getFirst());
  }

  /**
   * Puts an artifact beside its subject. Where clients keep the list of referrers, it takes the
   * place of others of its type.
   *
   * @return the descriptor of its manifest
   */
  public Descriptor put(Artifact artifact, ImageStore.Content content) throws IOException {
    repository.putBlob(Artifact.EMPTY, ImageStore.Content.of(Artifact.EMPTY_CONFIG));
    repository.putBlob(artifact.content(), content);
    Descriptor descriptor = artifact.descriptor();
    if (!putManifest(artifact.document())) {
      tag(artifact, descriptor);
    }
    return descriptor;
  }

  /** Puts a manifest that has a subject; returns whether the registry lists it by that. */
  private boolean putManifest(Document manifest) throws IOException {
    String digest = manifest.digest().toString();
    HostRepository target = repository.pushTarget();
    Request request =
        new Request.Builder()
            .url(target.url("manifests/" + digest))
            .put(RequestBody.create(manifest.bytes(), MediaType.get(manifest.mediaType())))
            .build();
    return repository.push(
        "manifest " + repository.nameOf(digest),
        target,
        () -> {
          try (Answer answer = target.send(request, Scope.push(repository.name()))) {
            if (!answer.isSuccessful()) {
              throw answer.failure();
            }
            return answer.header("OCI-Subject").isPresent();
          }
        });
  }

  private void tag(Artifact artifact, Descriptor descriptor) throws IOException {
    Digest subject = artifact.subject().digest();
    Optional<Index> before = taggedIndex(subject);
    List<Descriptor> entries = new ArrayList<>(before.map(Index::manifests).orElse(List.of()));
    entries.removeIf(entry -> isOfType(entry, artifact.type()));
    entries.add(descriptor);
    Index index = before.orElseGet(Index::empty).with(MediaTypes.OCI_INDEX, entries);
    repository.putManifest(index.document(), tag(subject));
  }

  private static String tag(Digest subject) {
    return "sha256-" + subject.hex();
  }

  private static boolean isOfType(Descriptor entry, String artifactType) {
    return entry.json().path("artifactType").asText().equals(artifactType);
  }
}
