package io.lazerofs.verity;

import static io.lazerofs.verity.VerityGeometry.BLOCK_BYTES;

import io.lazerofs.source.ByteSource;
import io.lazerofs.source.Digest;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * A hash tree that was found at the end of an image.
 *
 * @param root what the tree says of itself: only who knows the root hash from elsewhere can trust
 *     it
 */
public record HashTree(VeritySuperblock superblock, VerityRoot root) {

  /**
   * Returns the tree that follows a file system, if there is one that ends with the image.
   *
   * @param image all of whose bytes are on this machine
   * @param end where the file system ends, bytes; the tree begins with the next whole block
   * @throws IOException when the image cannot be read
   */
  public static Optional<HashTree> after(ByteSource image, long end) throws IOException {
    long size = image.size();
    if (end <= 0 || end > size - BLOCK_BYTES) {
      return Optional.empty();
    }
    VerityGeometry geometry =
        new VerityGeometry(Math.ceilDiv(end, (long) BLOCK_BYTES) * BLOCK_BYTES);
    if (geometry.end() != size) {
      return Optional.empty();
    }
    VeritySuperblock superblock;
    try {
      superblock =
          VeritySuperblock.decode(block(image, geometry.hashOffset()), geometry.dataBlocks());
    } catch (BadVerityException none) {
      return Optional.empty();
    }
    long top = geometry.levels() == 0 ? 0 : geometry.levelOffset(geometry.levels() - 1);
    Digest hash = new BlockHash(superblock).of(block(image, top));
    return Optional.of(new HashTree(superblock, new VerityRoot(hash, geometry.hashOffset())));
  }

  private static ByteBuffer block(ByteSource image, long offset) throws IOException {
    ByteBuffer block = ByteBuffer.allocate(BLOCK_BYTES);
    image.read(offset, MemorySegment.ofBuffer(block));
    return block;
  }
}
