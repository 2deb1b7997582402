package io.lazerofs.fetcher.registry;

import io.lazerofs.fetcher.http.HttpException;
import io.lazerofs.fetcher.http.Retry;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/** A range of a blob as a stream that goes on where it was after the connection broke. */
final class RemoteStream extends InputStream {
  private final RemoteBlob blob;
  private final Retry.Attempts attempts;
  private final long end;
  private long position;
  private InputStream body = InputStream.nullInputStream();
  private boolean open;

  /** Connects at once, so that a blob that is not there is told before the first read. */
  RemoteStream(RemoteBlob blob, long offset, long length) throws IOException {
    this.blob = blob;
    this.attempts = blob.repository().transport().retry().begin();
    this.position = offset;
    this.end = offset + length;
    while (length > 0 && !open) {
      try {
        connect();
      } catch (HttpException e) {
        recover(e);
      }
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
      try {
        if (!open) {
          connect();
        }
        int count = body.read(buffer, offset, length);
        position += count;
        attempts.progressed();
        return count;
      } catch (HttpException e) {
        recover(e);
      }
    }
    return -1;
  }

  private void connect() throws IOException {
    body = blob.attempt(position, end - position);
    open = true;
  }

  private void recover(HttpException failure) throws IOException {
    close();
    blob.forgetStorage();
    try {
      attempts.failed(failure);
    } catch (HttpException last) {
      throw blob.repository().translate(blob.description(), last);
    }
  }

  @Override
  public void close() throws IOException {
    open = false;
    body.close();
  }
}
