package io.lazerofs.verity;

import io.lazerofs.source.Digest;
import java.nio.ByteBuffer;
import java.security.DigestException;
import java.security.MessageDigest;
import java.util.HexFormat;

/**
 * The hash of blocks in a tree: SHA-256 of the salt and the block (hash type 1 of the kernel's
 * drivers/md/dm-verity-target.c, {@code verity_hash}).
 *
 * <p>An instance has one digest that it uses again and again; it is for one thread at a time.
 */
public final class BlockHash {
  private final MessageDigest digest = Digest.sha256();
  private final byte[] salt;
  private final byte[] hash = new byte[VerityGeometry.HASH_BYTES];

  /** Makes the hash of a tree's blocks, with its salt. */
  public BlockHash(VeritySuperblock superblock) {
    this.salt = HexFormat.of().parseHex(superblock.salt());
  }

  /**
   * Hashes one block.
   *
   * @param block its 4096 bytes are what remains of it; all of that is taken
   */
  public Digest of(ByteBuffer block) {
    compute(block);
    return Digest.ofRaw(hash);
  }

  /**
   * Hashes one block and writes the 32 bytes to {@code hashes}, whose position moves on.
   *
   * @param block its 4096 bytes are what remains of it; all of that is taken
   */
  public void put(ByteBuffer block, ByteBuffer hashes) {
    compute(block);
    hashes.put(hash);
  }

  /**
   * Whether the hash of a block is what a block of hashes has for it; makes no objects.
   *
   * @param block its 4096 bytes are what remains of it; all of that is taken
   * @param hashes the block of hashes, or any other bytes that have the hash
   * @param within where in {@code hashes} the 32 bytes are, from index 0
   */
  public boolean matches(ByteBuffer block, ByteBuffer hashes, int within) {
    compute(block);
    for (int i = 0; i < hash.length; i++) {
      if (hash[i] != hashes.get(within + i)) {
        return false;
      }
    }
    return true;
  }

  private void compute(ByteBuffer block) {
    if (block.remaining() != VerityGeometry.BLOCK_BYTES) {
      throw new IllegalArgumentException("a block of " + block.remaining() + " bytes");
    }
    digest.update(salt);
    digest.update(block);
    try {
      digest.digest(hash, 0, hash.length);
    } catch (DigestException e) {
      throw new IllegalStateException("SHA-256 has 32 bytes", e);
    }
  }
}
