package io.lazerofs.it.tree;

import io.lazerofs.erofs.ErofsImage;
import io.lazerofs.erofs.Extent;
import io.lazerofs.erofs.Inode;
import io.lazerofs.erofs.disk.FileType;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** The tree in an image: what our reader says of it. */
public final class ImageTree {
  private static final int PIECE = 50_000;

  private final ErofsImage image;
  private final byte[] piece = new byte[PIECE];

  private ImageTree(ErofsImage image) {
    this.image = image;
  }

  /** Returns the facts of each path, the root's as "/". */
  public static SortedMap<String, FileFacts> list(ErofsImage image) throws IOException {
    return new ImageTree(image).list();
  }

  private SortedMap<String, FileFacts> list() throws IOException {
    SortedMap<String, Inode> found = new TreeMap<>();
    Inode root = image.inode(image.rootNid());
    found.put("/", root);
    walk(root, "", found);
    Map<Long, String> first = new HashMap<>();
    found.forEach((path, inode) -> first.putIfAbsent(inode.nid(), path));
    SortedMap<String, FileFacts> facts = new TreeMap<>();
    for (var entry : found.entrySet()) {
      FileFacts known = facts.get(first.get(entry.getValue().nid()));
      facts.put(entry.getKey(), known == null ? facts(entry.getKey(), entry.getValue()) : known);
    }
    return facts;
  }

  private void walk(Inode directory, String path, SortedMap<String, Inode> found)
      throws IOException {
    SortedMap<String, Long> children = new TreeMap<>();
    image.list(
        directory,
        0,
        (name, nid, type, next) ->
            children.put(FileFacts.text(name.toArray(ValueLayout.JAVA_BYTE)), nid) == null);
    children.remove(".");
    children.remove("..");
    for (var child : children.entrySet()) {
      byte[] name = FileFacts.bytes(child.getKey());
      long nid = image.lookup(directory, name).orElseThrow().nid();
      if (nid != child.getValue()) {
        throw new AssertionError("lookup of " + path + "/" + child.getKey() + " found nid " + nid);
      }
      Inode inode = image.inode(nid);
      found.put(path + "/" + child.getKey(), inode);
      if (inode.isDirectory()) {
        walk(inode, path + "/" + child.getKey(), found);
      }
    }
  }

  private FileFacts facts(String path, Inode inode) throws IOException {
    FileType type = inode.type();
    String content =
        switch (type) {
          case REGULAR -> sha256(inode);
          case SYMLINK -> FileFacts.text(image.readLink(inode));
          case CHARACTER_DEVICE, BLOCK_DEVICE -> device(inode.rdev());
          default -> "";
        };
    return new FileFacts(
        type,
        inode.mode() & 07777,
        inode.uid() & 0xffff_ffffL,
        inode.gid() & 0xffff_ffffL,
        inode.seconds(),
        inode.nanoseconds(),
        inode.links() & 0xffff_ffffL,
        path,
        type == FileType.REGULAR ? inode.size() : 0,
        content,
        type == FileType.REGULAR ? data(inode) : "",
        xattrs(inode));
  }

  private SortedMap<String, String> xattrs(Inode inode) throws IOException {
    SortedMap<String, String> xattrs = new TreeMap<>();
    for (byte[] name : image.xattrNames(inode)) {
      xattrs.put(FileFacts.text(name), FileFacts.text(image.xattr(inode, name).orElseThrow()));
    }
    return xattrs;
  }

  private String sha256(Inode inode) throws IOException {
    MessageDigest digest = FileFacts.digest();
    long at = 0;
    while (true) {
      int read = image.read(inode, at, MemorySegment.ofArray(piece));
      if (read == 0) {
        return FileFacts.text(digest);
      }
      digest.update(piece, 0, read);
      at += read;
    }
  }

  /** Returns where a file is not a hole, as {@link FileFacts#data} says it. */
  private String data(Inode inode) throws IOException {
    StringBuilder text = new StringBuilder();
    long start = -1;
    long at = 0;
    while (at < inode.size()) {
      Extent extent = image.extent(inode, at);
      if (extent instanceof Extent.Hole && start >= 0) {
        text.append(start).append('-').append(at).append(' ');
        start = -1;
      } else if (!(extent instanceof Extent.Hole) && start < 0) {
        start = at;
      }
      at = extent.offset() + extent.length();
    }
    if (start >= 0) {
      text.append(start).append('-').append(inode.size()).append(' ');
    }
    return text.toString();
  }

  private static String device(int rdev) {
    return (rdev >> 8 & 0xfff) + ":" + ((rdev & 0xff) | (rdev >> 12 & 0xfff00));
  }
}
