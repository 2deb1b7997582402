package io.lazerofs.erofs;

import io.lazerofs.erofs.disk.IncompatibleFeature;
import io.lazerofs.erofs.disk.Superblock;
import io.lazerofs.source.ByteSource;
import java.util.Optional;

/**
 * Where inodes lie, with the xattrs, indexes and inline data behind them: on the primary device or,
 * when bit 63 of the nid is set, in the content of the metabox inode (kernel:
 * erofs_inode_in_metabox in fs/erofs/internal.h).
 *
 * @param primary the primary device
 * @param metabox the content of the metabox inode; empty for images that have none, and while that
 *     inode itself is read
 * @param boxed whether bit 63 of a nid means the metabox; it is a sign otherwise, since metadata
 *     may stand before nid 0
 * @param start the byte of the primary device that nid 0 is at
 */
record Metadata(ByteSource primary, Optional<ByteSource> metabox, boolean boxed, long start) {

  /** The bit of a nid that stands for the metabox. */
  static final long IN_METABOX = 1L << 63;

  private static final int SLOT_BITS = 5;

  /** High bits that a nid cannot use if its byte offset is to fit 63 bits, with room to add. */
  private static final int NID_SPARE_BITS = SLOT_BITS + 2;

  /** The metadata of the primary device alone. */
  static Metadata of(Superblock superblock, ByteSource primary) {
    return new Metadata(
        primary,
        Optional.empty(),
        superblock.has(IncompatibleFeature.METABOX),
        superblock.metaBlock() << superblock.blockBits());
  }

  /** The same, with the content of the metabox inode. */
  Metadata with(ByteSource content) {
    return new Metadata(primary, Optional.of(content), boxed, start);
  }

  /** Returns the source that holds an inode. */
  ByteSource source(long nid) throws CorruptImageException {
    if (!inMetabox(nid)) {
      return primary;
    }
    if (metabox.isEmpty()) {
      throw new CorruptImageException(
          start, "nid in the metabox", "an inode on the primary device", Long.toHexString(nid));
    }
    return metabox.get();
  }

  /** Returns the byte of its source that an inode starts at. */
  long offset(long nid) throws CorruptImageException {
    long number = inMetabox(nid) ? nid & ~IN_METABOX : nid;
    if (number != (number << NID_SPARE_BITS) >> NID_SPARE_BITS) {
      throw new CorruptImageException(start, "nid", "an inode inside the image", nid);
    }
    return (inMetabox(nid) ? 0 : start) + (number << SLOT_BITS);
  }

  private boolean inMetabox(long nid) {
    return boxed && nid < 0;
  }
}
