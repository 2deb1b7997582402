package io.lazerofs.fetcher.registry;

import com.google.cloud.tools.jib.api.ImageReference;
import io.lazerofs.fetcher.http.Answer;
import io.lazerofs.fetcher.http.HttpException;
import io.lazerofs.fetcher.http.HttpTransport;
import io.lazerofs.fetcher.http.Retry;
import io.lazerofs.fetcher.lazy.RangeReader;
import io.lazerofs.source.Digest;
import java.io.IOException;
import java.io.InputStream;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.Request;
import okhttp3.RequestBody;

/** A repository of a registry (OCI distribution specification 1.1). */
public final class RegistryRepository implements ImageStore {
  private final RegistryConnection connection;
  private final String name;

  RegistryRepository(RegistryConnection connection, String name) {
    this.connection = connection;
    this.name = name;
  }

  @Override
  public Document resolve(String reference) throws IOException {
    requireValid(reference);
    String what = "manifest " + nameOf(reference);
    return call(
        what,
        () -> {
          Request request =
              new Request.Builder()
                  .url(url("manifests/" + reference))
                  .header("Accept", String.join(", ", MediaTypes.MANIFESTS))
                  .build();
          try (Answer answer = send(request, Scope.pull(name))) {
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
    InputStream stream = new RemoteBlob(this, blob).open(0, blob.size());
    return new VerifyingInputStream(stream, describe(blob), blob.digest(), blob.size());
  }

  @Override
  public RangeReader reader(Descriptor blob) {
    return new RemoteBlob(this, blob);
  }

  @Override
  public boolean hasBlob(Descriptor blob) throws IOException {
    return hasBlob(blob, Scope.pull(name));
  }

  /**
   * Returns the size of a blob that no manifest at hand describes, in bytes.
   *
   * @throws RegistryException.NotFound when the registry does not have it
   */
  public long blobSize(Digest digest) throws IOException {
    Descriptor blob = Descriptor.of("application/octet-stream", digest, 0);
    Request request = new Request.Builder().url(blobUrl(blob)).head().build();
    return call(
        describe(blob),
        () -> {
          try (Answer answer = send(request, Scope.pull(name))) {
            if (answer.status() != 200) {
              throw answer.failure();
            }
            return answer
                .contentLength()
                .orElseThrow(() -> answer.violation("an answer without Content-Length"));
          }
        });
  }

  private boolean hasBlob(Descriptor blob, Scope scope) throws IOException {
    Request request = new Request.Builder().url(blobUrl(blob)).head().build();
    return call(
        describe(blob),
        () -> {
          try (Answer answer = send(request, scope)) {
            return switch (answer.status()) {
              case 200 -> true;
              case 404 -> false;
              default -> throw answer.failure();
            };
          }
        });
  }

  @Override
  public void putBlob(Descriptor blob, Content content) throws IOException {
    if (!hasBlob(blob, Scope.push(name))) {
      new BlobUpload(this, blob).send(content);
    }
  }

  @Override
  public boolean mountBlob(Descriptor blob, ImageStore source) throws IOException {
    return source instanceof RegistryRepository other
        && other.connection.host().equals(connection.host())
        && (other.name.equals(name)
            ? hasBlob(blob)
            : new BlobUpload(this, blob).mountFrom(other.name));
  }

  @Override
  public void putManifest(Document document, String reference) throws IOException {
    requireValid(reference);
    String what = "manifest " + nameOf(reference);
    requireDigest(reference, what, document.bytes());
    Request request =
        new Request.Builder()
            .url(url("manifests/" + reference))
            .put(RequestBody.create(document.bytes(), MediaType.get(document.mediaType())))
            .build();
    call(
        what,
        () -> {
          try (Answer answer = send(request, Scope.push(name))) {
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
    String host =
        connection.host().equals("registry-1.docker.io") ? "docker.io" : connection.host();
    return host + "/" + name + (ImageStore.isDigest(reference) ? "@" : ":") + reference;
  }

  /** Returns the name of the repository without the registry. */
  String name() {
    return name;
  }

  HttpUrl blobUrl(Descriptor blob) {
    return url("blobs/" + blob.digest());
  }

  /** Returns an address in this repository; {@code path} is relative and needs no encoding. */
  HttpUrl url(String path) {
    return connection.base().newBuilder().addPathSegments(name + "/" + path).build();
  }

  /** Returns what messages call a blob of this repository. */
  String describe(Descriptor blob) {
    return "blob " + nameOf(blob.digest().toString());
  }

  Answer send(Request request, Scope scope) throws IOException {
    return connection.send(request, scope);
  }

  HttpTransport transport() {
    return connection.transport();
  }

  /** Returns whether an address is the registry's own, where its logins may be sent. */
  boolean owns(HttpUrl url) {
    return HttpTransport.sameOrigin(url, connection.base());
  }

  /**
   * Does something until it succeeds or the policy of retries ends it.
   *
   * @param what names what is read or written in messages
   */
  <T> T call(String what, Retry.Attempt<T> attempt) throws IOException {
    try {
      return transport().retry().run(attempt);
    } catch (HttpException e) {
      throw translate(what, e);
    }
  }

  /** Returns the word of a registry for a failure of HTTP. */
  RegistryException translate(String what, HttpException e) {
    HttpUrl url = e.url();
    return switch (e) {
      case HttpException.Status status when owns(url) && status.code() == 404 ->
          new RegistryException.NotFound(what, "check the name, and the tag or digest");
      case HttpException.Status status
          when owns(url) && (status.code() == 401 || status.code() == 403) ->
          new RegistryException.Unauthorized(connection.host(), name, status.code());
      case HttpException.Status status ->
          new RegistryException.Unexpected(what, status.code(), url.toString(), e);
      case HttpException.Connection connectionFailure ->
          new RegistryException.Unreachable(
              url.host() + ":" + url.port(), e.problem(), advice(connectionFailure), e);
      case HttpException.Protocol protocol ->
          new RegistryException.Malformed(what, protocol.getMessage(), e);
    };
  }

  private static String advice(HttpException.Connection failure) {
    return failure.isTlsFailure()
        ? "TLS failed; if it speaks plain http, name it among the plain http hosts"
        : "check the name, the port and the network";
  }

  private static void requireValid(String reference) throws RegistryException {
    if (!ImageReference.isValidTag(reference) && !ImageReference.isValidDigest(reference)) {
      throw new RegistryException.InvalidName(reference, "it is neither a tag nor a digest");
    }
  }
}
