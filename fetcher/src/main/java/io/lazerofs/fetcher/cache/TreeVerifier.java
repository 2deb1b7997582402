package io.lazerofs.fetcher.cache;

import static io.lazerofs.verity.VerityGeometry.BLOCK_BYTES;

import io.lazerofs.source.Digest;
import io.lazerofs.verity.BadVerityException;
import io.lazerofs.verity.BlockHash;
import io.lazerofs.verity.VerityGeometry;
import io.lazerofs.verity.VeritySuperblock;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Verifies blocks of a blob by its hash tree (the kernel's drivers/md/dm-verity-target.c, {@code
 * verity_verify_level}).
 *
 * <p>A block is held against its hash in the block above, which is present: it was verified in the
 * same way, up to the root hash. A block above that is absent is waited for, unless it is for the
 * caller to bring: then what is below it cannot be verified yet. Levels lie in the blob from the
 * highest down, after the superblock, so a block of the tree waits for blocks at lower offsets of
 * the tree only, and data for the tree: nothing ever waits in a circle.
 */
final class TreeVerifier implements BlockVerifier {
  private final CachedBlob blob;
  private final HashTree tree;
  private final HashTreeSource source;
  private final CrashPoint.Hook crash;
  private final ByteBuffer hashes = ByteBuffer.allocate(BLOCK_BYTES);
  private long hashesOffset = -1;
  private Optional<BlockHash> hash = Optional.empty();

  TreeVerifier(CachedBlob blob, HashTree tree, HashTreeSource source, CrashPoint.Hook crash) {
    this.blob = blob;
    this.tree = tree;
    this.source = source;
    this.crash = crash;
  }

  @Override
  public long runEnd(long offset) {
    return tree.runEnd(offset);
  }

  @Override
  public Verdict verify(long offset, ByteBuffer blocks) throws IOException {
    return tree.isTop(offset) ? verifyTop(offset, blocks) : verifyLevel(offset, blocks);
  }

  private Verdict verifyLevel(long offset, ByteBuffer blocks) throws IOException {
    Optional<BlockHash> known = hash();
    if (known.isEmpty()) {
      return new Verdict(0, Optional.empty());
    }
    BlockHash salted = known.get();
    int first = blocks.position();
    for (int at = 0; at < blocks.remaining(); at += BLOCK_BYTES) {
      VerityGeometry.Place place = tree.geometry().hashOf(offset + at);
      if (!readHashes(place.block())) {
        return new Verdict(at, Optional.empty());
      }
      if (!salted.matches(blocks.slice(first + at, BLOCK_BYTES), hashes, place.within())) {
        byte[] expected = new byte[VerityGeometry.HASH_BYTES];
        hashes.get(place.within(), expected);
        Digest actual = salted.of(blocks.slice(first + at, BLOCK_BYTES));
        return new Verdict(
            at, Optional.of(wrongBytes(offset + at, Digest.ofRaw(expected), actual)));
      }
    }
    return new Verdict(blocks.remaining(), Optional.empty());
  }

  private boolean readHashes(long offset) throws IOException {
    if (hashesOffset != offset) {
      hashesOffset = -1;
      if (!readPresent(offset, hashes)) {
        return false;
      }
      hashesOffset = offset;
      crash.reached(CrashPoint.TREE_BLOCK_READ);
    }
    return true;
  }

  /** Verifies what came of the superblock and the highest block, with the rest from the cache. */
  private Verdict verifyTop(long offset, ByteBuffer blocks) throws IOException {
    Optional<ByteBuffer> superblock = topBlock(tree.superblockOffset(), offset, blocks);
    Optional<ByteBuffer> root = topBlock(tree.rootOffset(), offset, blocks);
    if (superblock.isEmpty() || root.isEmpty()) {
      return new Verdict(0, Optional.empty());
    }
    Digest actual;
    try {
      VeritySuperblock decoded = decode(superblock.get());
      actual = new BlockHash(decoded).of(root.get());
      if (actual.equals(tree.rootHash())) {
        tree.setSuperblock(decoded);
        crash.reached(CrashPoint.TREE_TOP_VERIFIED);
        return new Verdict(blocks.remaining(), Optional.empty());
      }
    } catch (BadVerityException e) {
      // No salt, no hash: what the message shows instead is the digest of the bytes that came.
      byte[] bytes = new byte[BLOCK_BYTES];
      superblock.get().get(superblock.get().position(), bytes);
      actual = Digest.of(bytes);
    }
    return new Verdict(0, Optional.of(wrongBytes(offset, tree.rootHash(), actual)));
  }

  /** Returns one of the top's blocks, from what came or from what is present. */
  private Optional<ByteBuffer> topBlock(long wanted, long offset, ByteBuffer blocks)
      throws IOException {
    if (wanted >= offset && wanted < offset + blocks.remaining()) {
      return Optional.of(blocks.slice(blocks.position() + (int) (wanted - offset), BLOCK_BYTES));
    }
    ByteBuffer block = ByteBuffer.allocate(BLOCK_BYTES);
    boolean found = wanted < offset ? readPresent(wanted, block) : read(wanted, block);
    return found ? Optional.of(block) : Optional.empty();
  }

  private Optional<BlockHash> hash() throws IOException {
    if (hash.isEmpty()) {
      hash = superblock().map(BlockHash::new);
    }
    return hash;
  }

  private Optional<VeritySuperblock> superblock() throws IOException {
    if (tree.superblock().isEmpty()) {
      ByteBuffer block = ByteBuffer.allocate(BLOCK_BYTES);
      if (readPresent(tree.superblockOffset(), block)) {
        tree.setSuperblock(decode(block));
      }
    }
    return tree.superblock();
  }

  private VeritySuperblock decode(ByteBuffer block) throws BadVerityException {
    return VeritySuperblock.decode(block, tree.geometry().dataBlocks());
  }

  /** Fills {@code target} with a block of the tree, and waits for it when it is absent. */
  private boolean readPresent(long offset, ByteBuffer target) throws IOException {
    while (!read(offset, target)) {
      if (!source.bring(offset, BLOCK_BYTES)) {
        return false;
      }
    }
    return true;
  }

  private boolean read(long offset, ByteBuffer target) throws IOException {
    MemorySegment all = MemorySegment.ofBuffer(target.clear());
    return blob.read(offset, all, 0, BLOCK_BYTES) == CachedBlob.Outcome.READ;
  }

  private WrongBytesException wrongBytes(long offset, Digest expected, Digest actual) {
    return new WrongBytesException(blob.digest(), offset, expected, actual);
  }
}
