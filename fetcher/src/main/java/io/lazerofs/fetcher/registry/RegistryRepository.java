package io.lazerofs.fetcher.registry;

import com.google.cloud.tools.jib.api.ImageReference;
import io.lazerofs.fetcher.hosts.Capability;
import io.lazerofs.fetcher.http.Answer;
import io.lazerofs.fetcher.http.HttpException;
import io.lazerofs.fetcher.http.Retry;
import io.lazerofs.fetcher.lazy.RangeReader;
import io.lazerofs.source.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import okhttp3.MediaType;
import okhttp3.Request;
import okhttp3.RequestBody;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A repository of a registry (OCI distribution specification 1.1). */
public final class RegistryRepository implements ImageStore {
  private static final Logger LOG = LoggerFactory.getLogger(RegistryRepository.class);

  private final RegistryHosts registry;
  private final String name;

  RegistryRepository(RegistryHosts registry, String name) {
    this.registry = registry;
    this.name = name;
  }

  @Override
  public Document resolve(String reference) throws IOException {
    requireValid(reference);
    String what = "manifest " + nameOf(reference);
    // A digest proves what it names, whoever gives it; of a tag a host has to be believed.
    return ask(
        what,
        ImageStore.isDigest(reference) ? Capability.PULL : Capability.RESOLVE,
        source -> {
          Request request =
              new Request.Builder()
                  .url(source.url("manifests/" + reference))
                  .header("Accept", String.join(", ", MediaTypes.MANIFESTS))
                  .build();
          try (Answer answer = source.send(request, Scope.pull(name))) {
            if (answer.status() != 200) {
              throw answer.failure();
            }
            byte[] bytes = answer.body(Document.MAX_BYTES);
            requireDigest(reference, what, bytes);
            return Document.of(mediaType(answer), bytes);
          }
        });
  }

  static void requireDigest(String reference, String what, byte[] bytes) throws RegistryException {
    if (ImageStore.isDigest(reference)) {
      Digest expected = Json.digest(reference);
      Digest actual = Digest.of(bytes);
      if (!expected.equals(actual)) {
        throw new RegistryException.DigestMismatch(what, expected, actual);
      }
    }
  }

  private static String mediaType(Answer answer) {
    String type = answer.header("Content-Type").orElse("");
    int parameters = type.indexOf(';');
    return (parameters < 0 ? type : type.substring(0, parameters)).strip();
  }

  @Override
  public InputStream openBlob(Descriptor blob) throws IOException {
    RemoteStream stream = new RemoteBlob(List.of(this), blob).open(0, blob.size());
    return new VerifyingInputStream(
        stream, describe(blob), blob.digest(), blob.size(), stream::wrongDigest);
  }

  @Override
  public void readWhole(Descriptor blob, WholeReading reading) throws IOException {
    for (int left = sources(Capability.PULL).size(); ; left--) {
      try {
        ImageStore.super.readWhole(blob, reading);
        return;
      } catch (RegistryException.DigestMismatch e) {
        if (left <= 1) {
          throw e;
        }
        LOG.warn("{}; the next host is asked", e.getMessage());
      }
    }
  }

  @Override
  public RangeReader reader(Descriptor blob) {
    return new RemoteBlob(List.of(this), blob);
  }

  @Override
  public boolean hasBlob(Descriptor blob) throws IOException {
    try {
      return ask(
          describe(blob), Capability.PULL, source -> isThere(source, blob, Scope.pull(name)));
    } catch (RegistryException.NotFound e) {
      return false;
    }
  }

  /**
   * Returns the size of a blob that no manifest at hand describes, in bytes.
   *
   * @throws RegistryException.NotFound when the registry does not have it
   */
  public long blobSize(Digest digest) throws IOException {
    Descriptor blob = Descriptor.of("application/octet-stream", digest, 0);
    return ask(
        describe(blob),
        Capability.PULL,
        source -> {
          Request request = new Request.Builder().url(source.blobUrl(digest)).head().build();
          try (Answer answer = source.send(request, Scope.pull(name))) {
            if (answer.status() != 200) {
              throw answer.failure();
            }
            return answer
                .contentLength()
                .orElseThrow(() -> answer.violation("an answer without Content-Length"));
          }
        });
  }

  private static boolean isThere(HostRepository source, Descriptor blob, Scope scope)
      throws IOException {
    Request request = new Request.Builder().url(source.blobUrl(blob.digest())).head().build();
    try (Answer answer = source.send(request, scope)) {
      if (answer.status() != 200) {
        throw answer.failure();
      }
      return true;
    }
  }

  @Override
  public void putBlob(Descriptor blob, Content content) throws IOException {
    HostRepository target = pushTarget();
    if (!isThereToPush(target, blob)) {
      new BlobUpload(this, target, blob).send(content);
    }
  }

  private boolean isThereToPush(HostRepository target, Descriptor blob) throws IOException {
    try {
      return push(describe(blob), target, () -> isThere(target, blob, Scope.push(name)));
    } catch (RegistryException.NotFound e) {
      return false;
    }
  }

  @Override
  public boolean mountBlob(Descriptor blob, ImageStore source) throws IOException {
    if (!(source instanceof RegistryRepository other)
        || !other.registry.name().equals(registry.name())) {
      return false;
    }
    HostRepository target = pushTarget();
    return other.name.equals(name)
        ? isThereToPush(target, blob)
        : new BlobUpload(this, target, blob).mountFrom(other.name);
  }

  @Override
  public void putManifest(Document document, String reference) throws IOException {
    requireValid(reference);
    String what = "manifest " + nameOf(reference);
    requireDigest(reference, what, document.bytes());
    HostRepository target = pushTarget();
    Request request =
        new Request.Builder()
            .url(target.url("manifests/" + reference))
            .put(RequestBody.create(document.bytes(), MediaType.get(document.mediaType())))
            .build();
    push(
        what,
        target,
        () -> {
          try (Answer answer = target.send(request, Scope.push(name))) {
            if (!answer.isSuccessful()) {
              throw answer.failure();
            }
            return answer.status();
          }
        });
  }

  /** Returns the artifacts that belong to the images of this repository. */
  public Referrers referrers() {
    return new Referrers(this);
  }

  @Override
  public String nameOf(String reference) {
    return registry.name() + "/" + name + (ImageStore.isDigest(reference) ? "@" : ":") + reference;
  }

  /** Returns the name of the repository without the registry. */
  String name() {
    return name;
  }

  /** Returns what messages call a blob of this repository. */
  String describe(Descriptor blob) {
    return "blob " + nameOf(blob.digest().toString());
  }

  /** Returns the repository at each host that may be asked for something. */
  List<HostRepository> sources(Capability capability) {
    return registry.with(capability).stream().map(host -> new HostRepository(host, name)).toList();
  }

  /** Returns how what failed is tried again. */
  Retry retry() {
    return registry.retry();
  }

  /** Something that one host is asked for. */
  @FunctionalInterface
  interface Question<T> {
    T ask(HostRepository source) throws IOException;
  }

  /**
   * Asks one host after the other until one gives the answer or the policy of retries ends it.
   *
   * @param what names what is read in messages
   */
  <T> T ask(String what, Capability capability, Question<T> question) throws IOException {
    Failover failover =
        new Failover(what, sources(capability), retry(), Failover.Patience.ONE_LOOK);
    while (true) {
      HostRepository source = failover.next();
      try {
        T answer = question.ask(source);
        failover.succeeded(source);
        return answer;
      } catch (IOException e) {
        failover.failed(source, e);
      }
    }
  }

  /** Returns the one host that takes content. */
  HostRepository pushTarget() throws RegistryException.NoSource {
    List<HostRepository> targets = sources(Capability.PUSH);
    if (targets.isEmpty()) {
      throw new RegistryException.NoSource(
          registry.name() + "/" + name, "no host is configured that may be pushed to");
    }
    return targets.getFirst();
  }

  /**
   * Does something with one host until it succeeds or the policy of retries ends it.
   *
   * @param what names what is written in messages
   */
  <T> T push(String what, HostRepository target, Retry.Attempt<T> attempt) throws IOException {
    try {
      return retry().run(attempt);
    } catch (HttpException e) {
      throw target.translate(what, e);
    }
  }

  private static void requireValid(String reference) throws RegistryException {
    if (!ImageReference.isValidTag(reference) && !ImageReference.isValidDigest(reference)) {
      throw new RegistryException.InvalidName(reference, "it is neither a tag nor a digest");
    }
  }
}
