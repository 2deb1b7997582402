package io.lazerofs.fetcher.registry;

import io.lazerofs.fetcher.http.Answer;
import io.lazerofs.fetcher.http.HttpException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.Request;
import okhttp3.RequestBody;
import okio.BufferedSink;

/**
 * The upload of one blob: a POST opens a session, a PUT sends all bytes and closes it (distribution
 * specification, "POST then PUT").
 */
final class BlobUpload {
  private static final RequestBody EMPTY = RequestBody.create(new byte[0]);

  private final RegistryRepository repository;
  private final HostRepository target;
  private final Descriptor blob;
  private final String what;

  BlobUpload(RegistryRepository repository, HostRepository target, Descriptor blob) {
    this.repository = repository;
    this.target = target;
    this.blob = blob;
    this.what = repository.describe(blob);
  }

  /** Sends the bytes, from the start again after each failure that may pass. */
  void send(ImageStore.Content content) throws IOException {
    Scope scope = Scope.push(repository.name());
    repository.push(
        what,
        target,
        () -> {
          HttpUrl session = begin(scope);
          HttpUrl address =
              session.newBuilder().addQueryParameter("digest", blob.digest().toString()).build();
          Body body = new Body(content);
          try (Answer answer =
              target.send(new Request.Builder().url(address).put(body).build(), scope)) {
            if (!answer.isSuccessful()) {
              throw answer.failure();
            }
            return answer.status();
          } catch (HttpException e) {
            // What the content itself failed with reaches us as a broken connection.
            if (body.failure.isPresent()) {
              throw body.failure.get();
            }
            throw e;
          }
        });
  }

  private HttpUrl begin(Scope scope) throws IOException {
    Request request = new Request.Builder().url(target.url("blobs/uploads/")).post(EMPTY).build();
    try (Answer answer = target.send(request, scope)) {
      if (answer.status() != 202) {
        throw answer.failure();
      }
      return session(answer);
    }
  }

  private static HttpUrl session(Answer answer) throws HttpException {
    HttpUrl session = answer.header("Location").map(answer.url()::resolve).orElse(null);
    if (session == null) {
      throw answer.violation("an upload without a usable Location");
    }
    return session;
  }

  /**
   * Asks the registry to take the blob from another of its repositories.
   *
   * @return whether it did; a registry may always choose to have the bytes sent
   */
  boolean mountFrom(String source) throws IOException {
    Scope scope = Scope.mount(repository.name(), source);
    HttpUrl url =
        target
            .url("blobs/uploads/")
            .newBuilder()
            .addQueryParameter("mount", blob.digest().toString())
            .addQueryParameter("from", source)
            .build();
    return repository.push(
        what,
        target,
        () -> {
          HttpUrl session;
          try (Answer answer =
              target.send(new Request.Builder().url(url).post(EMPTY).build(), scope)) {
            if (answer.status() == 201) {
              return true;
            }
            if (answer.status() != 202) {
              throw answer.failure();
            }
            session = session(answer);
          }
          // The registry opened a session instead; one that nobody closes takes space there.
          target.send(new Request.Builder().url(session).delete().build(), scope).close();
          return false;
        });
  }

  /** The content as a request body that is verified as it is sent. */
  private final class Body extends RequestBody {
    private final ImageStore.Content content;
    private Optional<IOException> failure = Optional.empty();

    Body(ImageStore.Content content) {
      this.content = content;
    }

    @Override
    public MediaType contentType() {
      return MediaType.get("application/octet-stream");
    }

    @Override
    public long contentLength() {
      return blob.size();
    }

    @Override
    public boolean isOneShot() {
      return true;
    }

    @Override
    public void writeTo(BufferedSink sink) throws IOException {
      try (InputStream bytes = open()) {
        byte[] buffer = new byte[64 << 10];
        for (int count; (count = read(bytes, buffer)) >= 0; ) {
          sink.write(buffer, 0, count);
        }
      }
    }

    private InputStream open() throws IOException {
      try {
        return new VerifyingInputStream(content.open(), what, blob.digest(), blob.size());
      } catch (IOException e) {
        failure = Optional.of(e);
        throw e;
      }
    }

    private int read(InputStream bytes, byte[] buffer) throws IOException {
      try {
        return bytes.read(buffer);
      } catch (IOException e) {
        failure = Optional.of(e);
        throw e;
      }
    }
  }
}
