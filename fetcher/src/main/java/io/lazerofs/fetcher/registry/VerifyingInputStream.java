package io.lazerofs.fetcher.registry;

import io.lazerofs.source.Digest;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.function.Consumer;

/**
 * A stream that must have a certain size and digest. The read that would hand out the last bytes
 * throws instead when the digest is another; the end of the stream throws when it comes too early
 * or too late.
 */
public final class VerifyingInputStream extends FilterInputStream {
  private final MessageDigest sha256 = Digest.sha256();
  private final String what;
  private final Digest digest;
  private final long size;
  private final Consumer<RegistryException.DigestMismatch> told;
  private long count;

  /**
   * @param what names the content in messages, as {@code blob sha256:…}
   * @param size in bytes
   */
  public VerifyingInputStream(InputStream in, String what, Digest digest, long size)
      throws RegistryException.DigestMismatch {
    this(in, what, digest, size, mismatch -> {});
  }

  /**
   * @param told is told of another digest before the reader is
   */
  VerifyingInputStream(
      InputStream in,
      String what,
      Digest digest,
      long size,
      Consumer<RegistryException.DigestMismatch> told)
      throws RegistryException.DigestMismatch {
    super(in);
    this.told = told;
    this.what = what;
    this.digest = digest;
    this.size = size;
    if (size == 0) {
      requireDigest();
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  /**
   * @throws RegistryException.DigestMismatch when the content is not what it should be
   * @throws RegistryException.SizeMismatch when there is less or more of it
   */
  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    int read = in.read(buffer, offset, length);
    if (read < 0) {
      if (count != size) {
        throw new RegistryException.SizeMismatch(what, size, count);
      }
      return -1;
    }
    if (read > size - count) {
      throw new RegistryException.SizeMismatch(what, size, count + read);
    }
    sha256.update(buffer, offset, read);
    count += read;
    if (count == size && read > 0) {
      requireDigest();
    }
    return read;
  }

  private void requireDigest() throws RegistryException.DigestMismatch {
    Digest actual = Digest.ofRaw(sha256.digest());
    if (!actual.equals(digest)) {
      RegistryException.DigestMismatch mismatch =
          new RegistryException.DigestMismatch(what, digest, actual);
      told.accept(mismatch);
      throw mismatch;
    }
  }

  /** Skips by reading, since all bytes count. */
  @Override
  public long skip(long wanted) throws IOException {
    if (wanted <= 0) {
      return 0;
    }
    int skipped = read(new byte[(int) Math.min(wanted, 64 << 10)]);
    return Math.max(skipped, 0);
  }

  @Override
  public boolean markSupported() {
    return false;
  }
}
