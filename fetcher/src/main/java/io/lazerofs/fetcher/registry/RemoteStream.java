package io.lazerofs.fetcher.registry;

import io.lazerofs.fetcher.cache.WrongBytesException;
import io.lazerofs.fetcher.http.HttpException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A range of a blob as a stream that goes on where it was, elsewhere, after a source failed. */
final class RemoteStream extends InputStream {
  private final RemoteBlob blob;
  private final Failover failover;
  private final long start;
  private final long end;
  private long position;
  private long furthest;
  private @Nullable HostRepository source;
  private InputStream body = InputStream.nullInputStream();

  /** Connects at once, so that a blob that is not there is told before the first read. */
  RemoteStream(RemoteBlob blob, Failover failover, long offset, long length) throws IOException {
    this.blob = blob;
    this.failover = failover;
    this.start = offset;
    this.position = offset;
    this.furthest = offset;
    this.end = offset + length;
    if (length > 0) {
      connect();
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, buffer.length);
    if (length == 0) {
      return 0;
    }
    while (position < end) {
      HostRepository current = source == null ? connect() : source;
      try {
        int count = body.read(buffer, offset, length);
        position += count;
        current.host().health().gave(count);
        if (position > furthest) {
          furthest = position;
          failover.progressed();
        }
        return count;
      } catch (HttpException e) {
        fail(current, e);
      }
    }
    if (source != null) {
      failover.succeeded(source);
    }
    return -1;
  }

  private HostRepository connect() throws IOException {
    while (true) {
      HostRepository next = failover.next();
      try {
        body = blob.attempt(next, position, end - position);
        source = next;
        return next;
      } catch (IOException e) {
        fail(next, e);
      }
    }
  }

  private void fail(HostRepository current, IOException failure) throws IOException {
    close();
    blob.forgetStorage(current);
    failover.failed(current, failure);
  }

  /**
   * Goes on elsewhere from where wrong bytes begin.
   *
   * @throws WrongBytesException {@code failure}, when that is not in what was read
   */
  void wrongBytes(WrongBytesException failure) throws IOException {
    HostRepository current = source;
    if (current == null || failure.offset() < start || failure.offset() >= position) {
      throw failure;
    }
    position = failure.offset();
    fail(current, failure);
  }

  /**
   * Takes note that the whole of it is not what it should be: others are asked before its source.
   */
  void wrongDigest(RegistryException.DigestMismatch failure) {
    HostRepository current = source;
    if (current != null) {
      current.host().health().failed(String.valueOf(failure.getMessage()), Optional.empty());
    }
  }

  @Override
  public void close() throws IOException {
    source = null;
    body.close();
  }
}
