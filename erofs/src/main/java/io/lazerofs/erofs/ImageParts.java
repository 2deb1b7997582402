package io.lazerofs.erofs;

import io.lazerofs.erofs.disk.Algorithm;
import io.lazerofs.erofs.disk.IncompatibleFeature;
import io.lazerofs.erofs.disk.Superblock;
import io.lazerofs.source.ByteSource;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;

/**
 * The readers of an image's inodes and their content, in the order in which they need each other.
 *
 * <pre>{@code
 * packed inode  ◀── read without fragments and metabox
 * metabox inode ◀── read with the packed inode, without metabox
 * every other   ◀── read with both
 * }</pre>
 *
 * So neither of the two can lead to itself, whatever an image says.
 *
 * @param packed the content of the packed inode, which holds fragments
 */
record ImageParts(
    Metadata metadata,
    Optional<ByteSource> packed,
    InodeReader inodes,
    ExtentMapper mapper,
    ContentReader contents) {

  static ImageParts open(Superblock superblock, ByteSource primary, Devices devices, Caches caches)
      throws IOException {
    Set<Algorithm> algorithms = CompressionReader.read(superblock, primary);
    Metadata metadata = Metadata.of(superblock, primary);
    Optional<ByteSource> packed = Optional.empty();
    ImageParts parts = of(superblock, metadata, devices, algorithms, packed, caches);
    boolean holdsFragments = superblock.has(IncompatibleFeature.FRAGMENTS);
    boolean holdsPrefixes = superblock.has(IncompatibleFeature.XATTR_PREFIXES);
    if (superblock.packedNid() != 0 && (holdsFragments || holdsPrefixes)) {
      packed = Optional.of(parts.content(superblock.packedNid(), "packed inode"));
      parts = of(superblock, metadata, devices, algorithms, packed, caches);
    }
    if (superblock.metaboxNid() != 0) {
      metadata = metadata.with(parts.content(superblock.metaboxNid(), "metabox inode"));
      parts = of(superblock, metadata, devices, algorithms, packed, caches);
    }
    return parts;
  }

  private static ImageParts of(
      Superblock superblock,
      Metadata metadata,
      Devices devices,
      Set<Algorithm> algorithms,
      Optional<ByteSource> packed,
      Caches caches) {
    boolean atEnd = superblock.has(IncompatibleFeature.ZERO_PADDING);
    PclusterRules rules =
        new PclusterRules(devices, algorithms, packed, superblock.blockSize(), atEnd);
    ExtentMapper mapper = new ExtentMapper(superblock, metadata, devices, rules);
    return new ImageParts(
        metadata,
        packed,
        new InodeReader(superblock, metadata, caches.metadata()),
        mapper,
        new ContentReader(mapper, caches.clusters(), packed, superblock.blockSize()));
  }

  private ByteSource content(long nid, String what) throws IOException {
    Inode inode = inodes.read(nid);
    if (!inode.hasContent()) {
      throw new CorruptImageException(
          inode.xattrOffset(), what, "a file", "mode 0%o".formatted(inode.mode()));
    }
    return new ContentSource(contents, inode);
  }
}
