package io.lazerofs.fetcher.registry;

import io.lazerofs.fetcher.http.Answer;
import io.lazerofs.fetcher.http.HttpException;
import io.lazerofs.fetcher.lazy.RangeReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Objects;
import okhttp3.HttpUrl;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/**
 * The ranges of one blob in a registry.
 *
 * <p>Where the registry redirects to a storage of blobs, later ranges go there at once. The address
 * there is often signed and expires: when it is refused, the registry is asked for another.
 */
final class RemoteBlob implements RangeReader {
  private static final int PIECE_BYTES = 64 << 10;

  private final RegistryRepository repository;
  private final Descriptor blob;
  private volatile @Nullable HttpUrl storage;

  RemoteBlob(RegistryRepository repository, Descriptor blob) {
    this.repository = repository;
    this.blob = blob;
  }

  @Override
  public void read(long offset, long length, Sink sink) throws IOException {
    byte[] buffer = new byte[(int) Math.min(length, PIECE_BYTES)];
    try (InputStream range = open(offset, length)) {
      for (int count; (count = range.read(buffer)) >= 0; ) {
        sink.accept(ByteBuffer.wrap(buffer, 0, count));
      }
    }
  }

  /**
   * Opens a range. The stream reconnects where it was when the connection breaks, and throws a
   * {@link RegistryException} when that fails too.
   */
  InputStream open(long offset, long length) throws IOException {
    Objects.checkFromIndexSize(offset, length, blob.size());
    return new RemoteStream(this, offset, length);
  }

  RegistryRepository repository() {
    return repository;
  }

  String description() {
    return repository.describe(blob);
  }

  /** Asks for a range once; the stream throws {@link HttpException} for whatever goes wrong. */
  InputStream attempt(long offset, long length) throws IOException {
    Answer answer = answer(offset, length);
    try {
      return answer.range(offset, length, blob.size());
    } catch (IOException e) {
      answer.close();
      throw e;
    }
  }

  private Answer answer(long offset, long length) throws IOException {
    HttpUrl known = storage;
    if (known != null) {
      Answer answer = repository.transport().send(request(known, offset, length));
      if (!isRefused(answer)) {
        return answer;
      }
      answer.close();
      forgetStorage();
    }
    Answer answer = fromRegistry(offset, length);
    if (known == null && answer.redirected() && isRefused(answer)) {
      answer.close();
      answer = fromRegistry(offset, length);
    }
    if (answer.redirected() && answer.isSuccessful() && !repository.owns(answer.url())) {
      storage = answer.url();
    }
    return answer;
  }

  /** Has the registry asked again where the blob is, after a failure that may be the storage's. */
  void forgetStorage() {
    storage = null;
  }

  private Answer fromRegistry(long offset, long length) throws IOException {
    return repository.send(
        request(repository.blobUrl(blob), offset, length), Scope.pull(repository.name()));
  }

  private Request request(HttpUrl url, long offset, long length) {
    Request.Builder request = new Request.Builder().url(url);
    if (offset != 0 || length != blob.size()) {
      request.header("Range", "bytes=%d-%d".formatted(offset, offset + length - 1));
    }
    return request.build();
  }

  /** Returns whether storage does not know the address or its signature, or no longer does. */
  private static boolean isRefused(Answer answer) {
    return switch (answer.status()) {
      case 400, 401, 403, 404, 410 -> true;
      default -> false;
    };
  }
}
