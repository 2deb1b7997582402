package io.lazerofs.erofs;

import io.lazerofs.erofs.disk.DeviceSlot;
import io.lazerofs.erofs.disk.FileType;
import io.lazerofs.erofs.disk.Superblock;
import io.lazerofs.source.ByteSource;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * An EROFS image, open for reading.
 *
 * <p>It keeps the superblock, the device table, the long xattr prefixes, the inodes of the metabox
 * and of fragments; and, in caches that it may share, decoded pclusters and metadata. Nothing else.
 * All methods are safe for use by many threads at once. Each of them may throw {@link
 * io.lazerofs.source.AbsentException} when bytes that it needs are not on this machine, and may
 * then be called again; and an {@link ErofsException} when what it met is wrong or not supported.
 * Sources stay the caller's: the image does not close them.
 */
public final class ErofsImage {

  private final Superblock superblock;
  private final Devices devices;
  private final InodeReader inodes;
  private final ExtentMapper mapper;
  private final ContentReader contents;
  private final Directories directories;
  private final Xattrs xattrs;

  private ErofsImage(
      Superblock superblock,
      Devices devices,
      ImageParts parts,
      Xattrs xattrs,
      MetadataCache cache) {
    this.superblock = superblock;
    this.devices = devices;
    this.inodes = parts.inodes();
    this.mapper = parts.mapper();
    this.contents = parts.contents();
    this.directories = new Directories(superblock, parts, cache);
    this.xattrs = xattrs;
  }

  /**
   * Opens an image with caches of its own.
   *
   * @see #open(ByteSource, List, Caches)
   */
  public static ErofsImage open(ByteSource primary, List<ByteSource> devices) throws IOException {
    return open(primary, devices, Caches.ofOne());
  }

  /**
   * Opens an image: checks the superblock, its checksum and features, the device table, and that
   * the root is a directory.
   *
   * @param primary the device that the superblock is on
   * @param devices the extra devices in the order of the device table; none when the image has none
   *     or when they stand in {@code primary} too, behind the image's own blocks
   * @param caches where what is decoded is kept; images may share them
   */
  public static ErofsImage open(ByteSource primary, List<ByteSource> devices, Caches caches)
      throws IOException {
    Superblock superblock = SuperblockReader.read(primary);
    Devices all = Devices.open(superblock, primary, devices);
    ImageParts parts = ImageParts.open(superblock, primary, all, caches);
    XattrPrefixes prefixes = XattrPrefixes.open(superblock, parts.metadata(), parts.packed());
    Xattrs xattrs = new Xattrs(superblock, parts.metadata(), prefixes, caches.metadata());
    ErofsImage image = new ErofsImage(superblock, all, parts, xattrs, caches.metadata());
    Inode root = image.inode(image.rootNid());
    if (!root.isDirectory()) {
      throw new CorruptImageException(
          Superblock.OFFSET, "root inode", "a directory", "mode 0%o".formatted(root.mode()));
    }
    return image;
  }

  /** Returns the superblock. */
  public Superblock superblock() {
    return superblock;
  }

  /** Returns the nid of the root directory. */
  public long rootNid() {
    return superblock.rootNid();
  }

  /** Returns the number of blocks of all devices together. */
  public long blocks() {
    return devices.blocks();
  }

  /** Returns the device table, which names the extra devices. */
  public List<DeviceSlot> deviceSlots() {
    return devices.slots();
  }

  /** Reads the inode with a number. */
  public Inode inode(long nid) throws IOException {
    return inodes.read(nid);
  }

  /**
   * Finds a name in a directory.
   *
   * @param directory an inode that is a directory
   * @param name its raw bytes; "." and ".." are names too
   * @return empty when there is no such name
   */
  public Optional<DirectoryEntry> lookup(Inode directory, byte[] name) throws IOException {
    requireDirectory(directory);
    return directories.lookup(directory, name);
  }

  /**
   * Lists a directory, "." and ".." included.
   *
   * @param directory an inode that is a directory
   * @param position 0 for the first entry, or the {@code next} that a visit gave, also in an
   *     earlier listing; at any other the listing goes on with an entry near it or ends
   * @param visitor called for each entry until it returns false
   */
  public void list(Inode directory, long position, DirectoryVisitor visitor) throws IOException {
    requireDirectory(directory);
    directories.list(directory, position, visitor);
  }

  /**
   * Finds where a byte of a file, directory or symbolic link is.
   *
   * @param offset from 0, less than the inode's size
   * @return a run of bytes that contains it; chunks that continue each other are one run, as far as
   *     one block of the chunk map tells
   * @throws IndexOutOfBoundsException when {@code offset} is outside the content
   */
  public Extent extent(Inode inode, long offset) throws IOException {
    requireContent(inode);
    if (offset < 0 || offset >= inode.size()) {
      throw new IndexOutOfBoundsException(
          "offset " + offset + " of nid " + inode.nid() + ", which has " + inode.size());
    }
    return mapper.map(inode).whole(offset);
  }

  /**
   * Asks for what reading a range of a file needs, and returns without waiting for it.
   *
   * @param offset from 0
   * @param most how many extents are looked up at most
   * @return the byte behind those that were asked for: the end of the range, unless it lies in very
   *     many places
   * @throws io.lazerofs.source.AbsentException when bytes are absent that tell where extents are;
   *     what was found before them was asked for
   */
  public long prefetch(Inode inode, long offset, long length, int most) throws IOException {
    requireContent(inode);
    return contents.prefetch(inode, offset, length, most);
  }

  /**
   * Reads from a file, directory or symbolic link: exactly as many bytes as {@code destination} has
   * room for, fewer only at the end of the content. Holes read as zeros.
   *
   * @param offset from 0; at or past the end of the content nothing is read
   * @return the number of bytes read
   */
  public int read(Inode inode, long offset, MemorySegment destination) throws IOException {
    requireContent(inode);
    if (offset < 0) {
      throw new IndexOutOfBoundsException("offset " + offset);
    }
    return contents.read(inode, offset, destination);
  }

  /**
   * Returns the target of a symbolic link, at most 4,095 bytes.
   *
   * @param inode an inode that is a symbolic link
   */
  public byte[] readLink(Inode inode) throws IOException {
    if (inode.type() != FileType.SYMLINK) {
      throw new IllegalArgumentException("not a symbolic link: nid " + inode.nid());
    }
    byte[] target = new byte[(int) inode.size()];
    read(inode, 0, MemorySegment.ofArray(target));
    for (byte character : target) {
      if (character == 0) {
        throw new CorruptImageException(inode.end(), "symbolic link's target", "no NUL", "one");
      }
    }
    return target;
  }

  /**
   * Returns the value of an extended attribute, at most 65,535 bytes.
   *
   * @param fullName with its prefix, as in {@code user.mime_type}
   * @return empty when the inode has no such attribute
   */
  public Optional<byte[]> xattr(Inode inode, byte[] fullName) throws IOException {
    return xattrs.get(inode, fullName);
  }

  /**
   * Returns the full names of all extended attributes, in the order of the image. Attributes under
   * prefixes that nobody has assigned are left out.
   */
  public List<byte[]> xattrNames(Inode inode) throws IOException {
    return xattrs.names(inode);
  }

  /**
   * Lists all extended attributes with their values, in the order of the image. Attributes under
   * prefixes that nobody has assigned are left out.
   *
   * @param consumer called for each attribute that could be read, also when the call then ends in
   *     an exception
   */
  public void xattrs(Inode inode, Consumer<Xattr> consumer) throws IOException {
    xattrs.list(inode, consumer);
  }

  private static void requireContent(Inode inode) {
    if (!inode.hasContent()) {
      throw new IllegalArgumentException("no content: nid " + inode.nid() + ", " + inode.type());
    }
  }

  private static void requireDirectory(Inode inode) {
    if (!inode.isDirectory()) {
      throw new IllegalArgumentException("not a directory: nid " + inode.nid());
    }
  }
}
