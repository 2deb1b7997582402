package io.lazerofs.layers;

import io.lazerofs.dio.DirectIo;
import io.lazerofs.dio.DirectIoSettings;
import io.lazerofs.dio.ReadBuffer;
import io.lazerofs.erofs.DirectoryEntry;
import io.lazerofs.erofs.ErofsImage;
import io.lazerofs.erofs.Extent;
import io.lazerofs.erofs.Inode;
import io.lazerofs.erofs.disk.FileType;
import io.lazerofs.fuse.Attributes;
import io.lazerofs.fuse.Entry;
import io.lazerofs.fuse.FileSystem;
import io.lazerofs.fuse.NodeException;
import io.lazerofs.fuse.Statistics;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * The nodes of one EROFS image as a file system: either the whole of a mount, or a layer of one.
 * Never changes, and is safe for use by many threads.
 */
public final class ImageFileSystem implements FileSystem {
  private static final int SECTOR_BITS = 9;
  private static final int LONGEST_NAME = 255;

  private final ErofsImage image;
  private final int index;
  private final long generation;
  private final boolean ownsRoot;
  private final DirectIoSettings settings;
  private final DirectIo directIo;
  private final RecentFiles files;

  private ImageFileSystem(
      ErofsImage image,
      int index,
      long generation,
      boolean ownsRoot,
      DirectIoSettings settings,
      RecentFiles files) {
    this.image = image;
    this.index = index;
    this.generation = generation;
    this.ownsRoot = ownsRoot;
    this.settings = settings;
    this.directIo = new DirectIo(settings);
    this.files = files;
  }

  /**
   * Returns a file system whose root is the image's. Node ids are as if it were the first layer,
   * but the root's, which is {@link #ROOT}.
   */
  public static ImageFileSystem of(ErofsImage image, DirectIoSettings settings) {
    return new ImageFileSystem(
        image, NodeId.FIRST_LAYER, 0, true, settings, RecentFiles.ofServer());
  }

  /**
   * Returns the file system of a layer; another one owns the root.
   *
   * @param files shared with other layers
   */
  static ImageFileSystem layer(Layer layer, DirectIoSettings settings, RecentFiles files) {
    return new ImageFileSystem(
        layer.image(), layer.index(), layer.generation(), false, settings, files);
  }

  /** Returns the node id of the image's root directory. */
  long root() throws IOException {
    return node(image.rootNid());
  }

  @Override
  public Optional<Entry> lookup(long directory, byte[] name) throws IOException {
    Optional<DirectoryEntry> found = image.lookup(directory(directory), name);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    long node = node(found.get().nid());
    return Optional.of(new Entry(node, attributes(node)));
  }

  @Override
  public boolean remembersMissingNames(long directory) {
    return true;
  }

  @Override
  public long generation(long node) {
    return generation;
  }

  @Override
  public Attributes attributes(long node) throws IOException {
    Inode inode = inode(node);
    int blockBits = image.superblock().blockBits();
    long blocks =
        inode.layout().compressed()
            ? Integer.toUnsignedLong(inode.data())
            : Math.ceilDiv(inode.size(), 1L << blockBits);
    return new Attributes(
        node,
        inode.size(),
        blocks << blockBits >> SECTOR_BITS,
        inode.seconds(),
        inode.nanoseconds(),
        inode.mode(),
        inode.links(),
        inode.uid(),
        inode.gid(),
        inode.rdev(),
        1 << blockBits);
  }

  @Override
  public byte[] readLink(long node) throws IOException {
    return image.readLink(inode(node, FileType.SYMLINK, "symbolic link"));
  }

  @Override
  public boolean judgesOpens() {
    return settings.rejectsCompressed();
  }

  @Override
  public void open(long node, boolean direct) throws IOException {
    requireAllowed(inode(node, FileType.REGULAR, "regular file"), node, direct);
  }

  @Override
  public int read(long node, long offset, int length, boolean direct, ReadBuffer buffer)
      throws IOException {
    ImageFile file = file(node);
    // fcntl(2) sets O_DIRECT on a file that was opened without it.
    requireAllowed(file.inode(), node, direct);
    return file.read(directIo, offset, length, direct, buffer);
  }

  private void requireAllowed(Inode file, long node, boolean direct) throws NodeException {
    if (direct && settings.rejectsCompressed() && file.layout().compressed()) {
      throw new NodeException.NotDirect(node);
    }
  }

  @Override
  public void list(long directory, long position, DirectorySink sink) throws IOException {
    image.list(
        directory(directory),
        position,
        (name, nid, type, next) -> sink.offer(name, node(nid), type, next));
  }

  @Override
  public Optional<byte[]> xattr(long node, byte[] name) throws IOException {
    Inode inode = inode(node);
    if (DirectIoAttribute.is(name) && inode.type() == FileType.REGULAR) {
      int blockSize = image.superblock().blockSize();
      return Optional.of(DirectIoAttribute.value(inode, blockSize, settings));
    }
    return image.xattr(inode, name);
  }

  @Override
  public List<byte[]> xattrNames(long node) throws IOException {
    return image.xattrNames(inode(node));
  }

  @Override
  public long seek(long node, long offset, boolean hole) throws IOException {
    Inode file = inode(node, FileType.REGULAR, "regular file");
    if (offset >= file.size()) {
      return -1;
    }
    for (long at = offset; at < file.size(); ) {
      Extent extent = image.extent(file, at);
      if (extent instanceof Extent.Hole == hole) {
        return at;
      }
      at = extent.offset() + extent.length();
    }
    return hole ? file.size() : -1;
  }

  @Override
  public Statistics statistics(long node) {
    return new Statistics(
        1 << image.superblock().blockBits(),
        image.blocks(),
        image.superblock().inodes(),
        LONGEST_NAME);
  }

  private long node(long nid) throws IOException {
    return ownsRoot && nid == image.rootNid() ? ROOT : NodeId.of(index, nid);
  }

  private Inode inode(long node) throws IOException {
    if (ownsRoot && node == ROOT) {
      return image.inode(image.rootNid());
    }
    if (NodeId.layer(node) != index) {
      throw new NodeException.Stale(node);
    }
    return image.inode(NodeId.nid(node));
  }

  private Inode directory(long node) throws IOException {
    Inode inode = inode(node);
    if (!inode.isDirectory()) {
      throw new NodeException.NotDirectory(node);
    }
    return inode;
  }

  private Inode inode(long node, FileType wanted, String description) throws IOException {
    Inode inode = inode(node);
    if (inode.type() == wanted) {
      return inode;
    }
    throw inode.isDirectory()
        ? new NodeException.IsDirectory(node)
        : new NodeException.WrongType(description, node);
  }

  /** Returns a regular file; allocates nothing when it was read lately. */
  ImageFile file(long node) throws IOException {
    ImageFile recent = files.find(this, node);
    if (recent != null) {
      return recent;
    }
    Inode inode = inode(node, FileType.REGULAR, "regular file");
    return files.add(this, node, new ImageFile(image, inode));
  }
}
