package io.lazerofs.it.fuzz;

/**
 * A field of a structure of an image.
 *
 * @param offset on the primary device, bytes
 * @param width bytes, 1 to 8
 * @param record where the structure begins that it is in, bytes
 * @param recordSize bytes of that structure; those of the same kind and size can be swapped
 */
record Field(Kind kind, int offset, int width, int record, int recordSize) {

  /** What structure a field is in. */
  enum Kind {
    SUPERBLOCK,
    COMPRESSION_CONFIG,
    DEVICE_SLOT,
    INODE,
    XATTR_HEADER,
    XATTR_ENTRY,
    XATTR_PREFIX,
    MAP_HEADER,
    INDEX,
    CHUNK_MAP,
    DIRENT,
    NAME,
    PCLUSTER,
    INLINE_DATA
  }
}
