package io.lazerofs.verity;

import static io.lazerofs.verity.VerityGeometry.BLOCK_BYTES;

import io.lazerofs.source.Digest;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;

/**
 * The writer of a file's hash tree: reads the file's data twice and holds one block for each level,
 * whatever the size.
 *
 * <p>The same data gives the same tree, byte for byte: the salt is the SHA-256 of all before the
 * tree, and the UUID is made of the salt (RFC 9562, version 8).
 */
public final class VerityTree {
  private static final int READ_BYTES = 256 * BLOCK_BYTES;

  /**
   * What appending a tree came to.
   *
   * @param digest of all of the file, with the tree
   */
  public record Appended(VerityRoot root, Digest digest) {}

  private final FileChannel file;
  private final VerityGeometry geometry;
  private final BlockHash hash;
  private final List<Level> levels = new ArrayList<>();

  private VerityTree(FileChannel file, VerityGeometry geometry, VeritySuperblock superblock) {
    this.file = file;
    this.geometry = geometry;
    this.hash = new BlockHash(superblock);
    for (int level = 0; level < geometry.levels(); level++) {
      levels.add(new Level(geometry.levelOffset(level)));
    }
  }

  /**
   * Appends to a file: zeros up to a whole block, the superblock and the tree. When it fails, the
   * file has some of that.
   *
   * @param image a file of at least one byte, which nobody else changes meanwhile
   * @throws IOException when the file is empty, or cannot be read or written
   */
  public static Appended append(Path image) throws IOException {
    try (FileChannel file =
        FileChannel.open(image, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      if (file.size() == 0) {
        throw new EOFException(image + ": an empty file has no hash tree");
      }
      VerityGeometry geometry = new VerityGeometry(padded(file));
      MessageDigest whole = Digest.sha256();
      scan(file, 0, geometry.hashOffset(), whole::update);
      VeritySuperblock superblock = superblock(geometry, sofar(whole));
      writeAll(file, superblock.encode(), geometry.hashOffset());
      Digest root = new VerityTree(file, geometry, superblock).write();
      scan(file, geometry.hashOffset(), geometry.end(), whole::update);
      return new Appended(
          new VerityRoot(root, geometry.hashOffset()), Digest.ofRaw(whole.digest()));
    }
  }

  /** Extends a file to whole blocks and returns its length then. */
  private static long padded(FileChannel file) throws IOException {
    long end = file.size();
    int missing = (int) (-end & (BLOCK_BYTES - 1));
    writeAll(file, ByteBuffer.allocate(missing), end);
    return Math.addExact(end, missing);
  }

  private static VeritySuperblock superblock(VerityGeometry geometry, byte[] salt) {
    ByteBuffer bits = ByteBuffer.wrap(salt);
    UUID uuid =
        new UUID(
            bits.getLong() & ~0xf000L | 0x8000L,
            bits.getLong() & ~0xc000_0000_0000_0000L | 0x8000_0000_0000_0000L);
    return new VeritySuperblock(uuid, geometry.dataBlocks(), HexFormat.of().formatHex(salt));
  }

  /** Returns the digest of what a message digest was given, which can be given more. */
  private static byte[] sofar(MessageDigest digest) {
    try {
      return ((MessageDigest) digest.clone()).digest();
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("SHA-256 of this platform cannot be cloned", e);
    }
  }

  /** Hashes the data, writes the levels and returns the root hash. */
  private Digest write() throws IOException {
    if (levels.isEmpty()) {
      // The kernel takes the hash of the only block for the root hash.
      ByteBuffer block = ByteBuffer.allocate(BLOCK_BYTES);
      scan(file, 0, BLOCK_BYTES, block::put);
      return hash.of(block.flip());
    }
    scan(file, 0, geometry.hashOffset(), this::hashBlocks);
    for (int level = 0; level < levels.size() - 1; level++) {
      if (levels.get(level).hashes.position() > 0) {
        flush(level);
      }
    }
    Level top = levels.getLast();
    Digest root = hash.of(top.hashes.duplicate().clear());
    writeAll(file, top.hashes.clear(), top.offset);
    return root;
  }

  private void hashBlocks(ByteBuffer blocks) throws IOException {
    for (int at = blocks.position(); at < blocks.limit(); at += BLOCK_BYTES) {
      add(0, blocks.slice(at, BLOCK_BYTES));
    }
  }

  /** Adds the hash of a block to a level, which is there to be full only for a moment. */
  private void add(int level, ByteBuffer block) throws IOException {
    ByteBuffer hashes = levels.get(level).hashes;
    hash.put(block, hashes);
    if (!hashes.hasRemaining() && level < levels.size() - 1) {
      flush(level);
    }
  }

  /** Writes the block of a level that is being filled, and adds its hash to the level above. */
  private void flush(int level) throws IOException {
    Level full = levels.get(level);
    ByteBuffer hashes = full.hashes;
    hashes.clear();
    add(level + 1, hashes.duplicate());
    writeAll(file, hashes.duplicate(), full.offset);
    full.offset += BLOCK_BYTES;
    hashes.put(new byte[BLOCK_BYTES]).clear();
  }

  /** One level: the block of it that is being filled, and where that goes. */
  private static final class Level {
    private final ByteBuffer hashes = ByteBuffer.allocate(BLOCK_BYTES);
    private long offset;

    Level(long offset) {
      this.offset = offset;
    }
  }

  /** Takes bytes of a file, whole blocks. */
  @FunctionalInterface
  private interface Piece {
    void accept(ByteBuffer bytes) throws IOException;
  }

  private static void scan(FileChannel file, long from, long to, Piece piece) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocateDirect((int) Math.min(READ_BYTES, to - from));
    for (long at = from; at < to; at += buffer.limit()) {
      buffer.clear().limit((int) Math.min(buffer.capacity(), to - at));
      while (buffer.hasRemaining()) {
        if (file.read(buffer, at + buffer.position()) < 0) {
          throw new EOFException("the file became shorter while its hash tree was made");
        }
      }
      piece.accept(buffer.flip());
    }
  }

  private static void writeAll(FileChannel file, ByteBuffer bytes, long at) throws IOException {
    long offset = at;
    while (bytes.hasRemaining()) {
      offset += file.write(bytes, offset);
    }
  }
}
