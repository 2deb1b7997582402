package io.lazerofs.erofs.write;

import io.lazerofs.erofs.disk.CompatibleFeatures;
import io.lazerofs.erofs.disk.IncompatibleFeature;
import io.lazerofs.erofs.disk.Superblock;
import io.lazerofs.source.Digest;
import io.lazerofs.tar.DataRange;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.List;
import java.util.UUID;

/**
 * An image while it is written: takes the content of files one after the other, then the tree that
 * they are in.
 *
 * <p>The image appears under its name when it is complete; until then it is a hidden file beside
 * it, which {@link #close} removes. Same contents and tree, in the same order, give the same bytes.
 * Not safe for use by several threads.
 */
final class ImageWriter implements Closeable {

  /** The largest file, bytes: its size rounded up to a chunk still is a number. */
  static final long MAX_FILE = 1L << 62;

  private final Path target;
  private final Path temporary;
  private final BlockOutput output;
  private boolean chunked;
  private boolean complete;

  private ImageWriter(Path target, Path temporary, BlockOutput output) {
    this.target = target;
    this.temporary = temporary;
    this.output = output;
  }

  /**
   * Begins an image.
   *
   * @param target where it appears in the end, instead of any file that is there then
   */
  static ImageWriter create(Path target, WriteOptions options) throws IOException {
    String name = "." + target.getFileName() + "." + UUID.randomUUID() + ".tmp";
    Path temporary = target.resolveSibling(name);
    FileChannel channel =
        FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    return new ImageWriter(target, temporary, new BlockOutput(channel));
  }

  /**
   * Stores the content of a file.
   *
   * @param path its names from the root on, for {@link WriteOptions#direct}
   * @param in where the bytes of all ranges come from, one after the other; not closed
   * @param size bytes of the file, holes included
   * @param data what is no hole, ascending and apart
   * @throws IOException when {@code in} ends early, the disk is full or the image grows too large
   */
  Content store(List<String> path, InputStream in, long size, List<DataRange> data)
      throws IOException {
    if (size > MAX_FILE) {
      throw new IOException("a file of " + size + " bytes is too large for the image");
    }
    Content content = isWhole(size, data) ? storeWhole(in, size) : storeSparse(in, size, data);
    output.pad();
    return content;
  }

  /**
   * Writes the tree and gives the image its name.
   *
   * @return the size of the image, bytes
   */
  long finish(Directory root) throws IOException {
    Layout layout = Layout.of(root, output.block());
    byte[] metadata = new MetadataWriter(output, layout).write();
    byte[] first = new byte[BlockOutput.BLOCK];
    MemorySegment superblock = MemorySegment.ofArray(first).asSlice(Superblock.OFFSET);
    superblock(layout, uuid(metadata)).encode(superblock, 0);
    Superblock.seal(superblock, BlockOutput.BLOCK_BITS);
    output.finish(first);
    output.close();
    Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    complete = true;
    return output.position();
  }

  /** Removes what was written, unless {@link #finish} came to its end. */
  @Override
  public void close() throws IOException {
    output.close();
    if (!complete) {
      Files.deleteIfExists(temporary);
    }
  }

  private static boolean isWhole(long size, List<DataRange> data) {
    return size == 0 || (data.size() == 1 && data.getFirst().length() == size);
  }

  private Content storeWhole(InputStream in, long size) throws IOException {
    long block = size == 0 ? 0 : output.block();
    output.transfer(in, size);
    return new Content.Flat(size, block);
  }

  private Content storeSparse(InputStream in, long size, List<DataRange> data) throws IOException {
    chunked = true;
    return new SparseCopy(output, size, ChunkPlan.of(size, data)).copy(in, data);
  }

  private Superblock superblock(Layout layout, UUID uuid) throws IOException {
    return new Superblock(
        0,
        CompatibleFeatures.CHECKSUM | CompatibleFeatures.MTIME,
        BlockOutput.BLOCK_BITS,
        0,
        layout.inodes().getFirst().nid(),
        layout.inodes().size(),
        layout.epoch().seconds(),
        layout.epoch().nanoseconds(),
        output.block(),
        layout.metaBlock(),
        0,
        uuid,
        "",
        chunked ? IncompatibleFeature.CHUNKED_FILE.bit() : 0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0);
  }

  /** Returns a UUID of version 8 (RFC 9562), made of all that the image holds. */
  private UUID uuid(byte[] metadata) throws IOException {
    MessageDigest digest = Digest.sha256();
    digest.update(metadata);
    digest.update(ByteBuffer.allocate(Long.BYTES).putLong(0, output.sum()));
    ByteBuffer hash = ByteBuffer.wrap(digest.digest());
    return new UUID(
        (hash.getLong(0) & ~0xf000L) | 0x8000L,
        (hash.getLong(8) & 0x3fff_ffff_ffff_ffffL) | 0x8000_0000_0000_0000L);
  }
}
