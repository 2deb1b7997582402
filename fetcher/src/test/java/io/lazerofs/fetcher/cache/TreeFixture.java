package io.lazerofs.fetcher.cache;

import io.lazerofs.source.Digest;
import io.lazerofs.verity.VerityRoot;
import io.lazerofs.verity.VerityTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A blob that ends with a hash tree.
 *
 * @param content all of its bytes
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
public record TreeFixture(byte[] content, VerityRoot root) {

  /** Makes one of random data, none of whose blocks is all zeros. */
  public static TreeFixture of(long seed, int dataBlocks) throws IOException {
    Path file = Files.createTempFile("tree", ".data");
    try {
      Files.write(file, CacheFixture.content(seed, dataBlocks * CachedBlob.BLOCK_BYTES));
      VerityRoot root = VerityTree.append(file).root();
      return new TreeFixture(Files.readAllBytes(file), root);
    } finally {
      Files.delete(file);
    }
  }

  public BlobKey key() {
    return new BlobKey(Digest.of(content), content.length, Optional.of(root));
  }

  /** Returns the content with one byte changed. */
  public byte[] flipped(long offset) {
    byte[] bad = content.clone();
    bad[Math.toIntExact(offset)] ^= 0x20;
    return bad;
  }
}
