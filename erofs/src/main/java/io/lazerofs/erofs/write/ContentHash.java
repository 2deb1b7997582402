package io.lazerofs.erofs.write;

import java.nio.ByteBuffer;
import java.security.MessageDigest;

/** The first 128 bits of a SHA-256: contents that have the same are taken to be the same. */
record ContentHash(long high, long low) {

  /** That of content which is not compared. */
  static final ContentHash NONE = new ContentHash(0, 0);

  static ContentHash of(MessageDigest sha256, byte[] bytes, int start, int end) {
    sha256.update(bytes, start, end - start);
    ByteBuffer hash = ByteBuffer.wrap(sha256.digest());
    return new ContentHash(hash.getLong(), hash.getLong());
  }

  boolean isNone() {
    return equals(NONE);
  }
}
