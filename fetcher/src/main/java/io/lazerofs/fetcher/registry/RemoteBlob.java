package io.lazerofs.fetcher.registry;

import io.lazerofs.fetcher.cache.WrongBytesException;
import io.lazerofs.fetcher.hosts.Capability;
import io.lazerofs.fetcher.http.Answer;
import io.lazerofs.fetcher.http.HttpException;
import io.lazerofs.fetcher.lazy.RangeReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import okhttp3.HttpUrl;
import okhttp3.Request;

/**
 * The ranges of one blob, from the hosts of all repositories that have it: where one fails the next
 * goes on.
 *
 * <p>Where a host redirects to a storage of blobs, later ranges go there at once. The address there
 * is often signed and expires: when it is refused, the host is asked for another.
 *
 * <p>Hosts that ignore ranges are asked last: each range costs all bytes before it there.
 */
final class RemoteBlob implements RangeReader {
  private static final int PIECE_BYTES = 64 << 10;

  private final List<RegistryRepository> repositories;
  private final Descriptor blob;
  private final Map<HostRepository, HttpUrl> storages = new ConcurrentHashMap<>();

  /**
   * @param repositories those that have the blob, the preferred ones first
   */
  RemoteBlob(List<RegistryRepository> repositories, Descriptor blob) {
    this.repositories = List.copyOf(repositories);
    this.blob = blob;
  }

  @Override
  public void read(long offset, long length, Sink sink) throws IOException {
    byte[] buffer = new byte[(int) Math.min(length, PIECE_BYTES)];
    try (RemoteStream range = open(offset, length)) {
      for (int count; (count = range.read(buffer)) >= 0; ) {
        try {
          sink.accept(ByteBuffer.wrap(buffer, 0, count));
        } catch (WrongBytesException e) {
          range.wrongBytes(e);
        }
      }
    }
  }

  /**
   * Opens a range. The stream goes on where it was when a source fails, and throws a {@link
   * RegistryException} when no source is left or the deadline is over.
   */
  RemoteStream open(long offset, long length) throws IOException {
    Objects.checkFromIndexSize(offset, length, blob.size());
    return new RemoteStream(this, failover(), offset, length);
  }

  private Failover failover() throws RegistryException.NoSource {
    if (repositories.isEmpty()) {
      throw new RegistryException.NoSource(
          "blob " + blob.digest(), "no image is known that has it");
    }
    List<HostRepository> sources =
        repositories.stream()
            .flatMap(repository -> repository.sources(Capability.PULL).stream())
            .distinct()
            .sorted(Comparator.comparing(source -> source.host().ignoresRanges()))
            .toList();
    RegistryRepository first = repositories.getFirst();
    return new Failover(first.describe(blob), sources, first.retry(), Failover.Patience.TWO_LOOKS);
  }

  /**
   * Asks one source for a range once; the stream throws {@link HttpException} for whatever goes
   * wrong.
   */
  InputStream attempt(HostRepository source, long offset, long length) throws IOException {
    Answer answer = answer(source, offset, length);
    try {
      if (answer.status() == 200 && length != blob.size()) {
        source.host().ignoredRange();
      }
      return answer.range(offset, length, blob.size());
    } catch (IOException e) {
      answer.close();
      throw e;
    }
  }

  private Answer answer(HostRepository source, long offset, long length) throws IOException {
    HttpUrl known = storages.get(source);
    if (known != null) {
      Answer answer = source.host().transport().send(request(known, offset, length));
      if (!isRefused(answer)) {
        return answer;
      }
      answer.close();
      forgetStorage(source);
    }
    Request request = request(source.blobUrl(blob.digest()), offset, length);
    Answer answer = source.send(request, Scope.pull(source.name()));
    if (answer.redirected() && answer.isSuccessful() && !source.owns(answer.url())) {
      storages.put(source, answer.url());
    }
    return answer;
  }

  /** Has the host asked again where the blob is, after a failure that may be the storage's. */
  void forgetStorage(HostRepository source) {
    storages.remove(source);
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
