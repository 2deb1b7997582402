package io.lazerofs.it.conformance;

import io.lazerofs.erofs.disk.FileType;
import io.lazerofs.it.conformance.TreeFile.Attributes;
import io.lazerofs.it.conformance.TreeFile.Kind;
import io.lazerofs.it.tree.FileFacts;
import io.lazerofs.it.tree.RawFile;
import io.lazerofs.it.tree.RawFiles;
import java.io.IOException;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** What can be done with a tree: make it in a file system, and tell what is to be found there. */
final class Trees {
  private Trees() {}

  /** Makes the files of a tree in an empty directory, which becomes its root. Needs root. */
  static void make(List<TreeFile> tree, String root) throws IOException {
    for (TreeFile file : tree) {
      if (!file.path().isEmpty()) {
        create(file, root);
      }
    }
    for (TreeFile file : tree.reversed()) {
      if (!(file.kind() instanceof Kind.HardLink)) {
        describe(file, root + file.path());
      }
    }
  }

  private static void create(TreeFile file, String root) throws IOException {
    String path = root + file.path();
    switch (file.kind()) {
      case Kind.Directory _ -> RawFiles.makeDirectory(path);
      case Kind.Regular regular -> write(regular.content(), path);
      case Kind.Symlink symlink -> RawFiles.makeSymlink(path, symlink.target());
      case Kind.HardLink link -> RawFiles.makeLink(path, root + link.to().path());
      case Kind.Special special ->
          RawFiles.makeNode(path, special.type().dirent() << 12, special.major(), special.minor());
    }
  }

  private static void write(Content content, String path) throws IOException {
    try (RawFile file = RawFile.create(path)) {
      for (Content.Piece piece : content.pieces()) {
        file.write(piece.offset(), piece.bytes());
      }
      file.setSize(content.size());
    }
  }

  private static void describe(TreeFile file, String path) throws IOException {
    Attributes attributes = file.attributes();
    RawFiles.setOwner(path, attributes.uid(), attributes.gid());
    if (file.type() != FileType.SYMLINK) {
      RawFiles.setPermissions(path, attributes.permissions());
    }
    for (var xattr : file.xattrs().entrySet()) {
      RawFiles.setXattr(path, xattr.getKey(), xattr.getValue());
    }
    RawFiles.setTime(path, attributes.seconds(), attributes.nanoseconds());
  }

  /**
   * Returns the facts of a tree's paths, but for where data and holes are, which the image's layout
   * decides.
   */
  static SortedMap<String, FileFacts> facts(List<TreeFile> tree) {
    Map<String, Integer> links = new HashMap<>();
    SortedMap<String, String> first = new TreeMap<>();
    for (TreeFile file : tree) {
      String own = own(file);
      first.merge(own, name(file), (a, b) -> a.compareTo(b) < 0 ? a : b);
      links.merge(own, 1, Integer::sum);
      if (file.type() == FileType.DIRECTORY) {
        links.merge(own, 1, Integer::sum);
        if (!file.path().isEmpty()) {
          String parent = file.path().substring(0, file.path().lastIndexOf('/'));
          links.merge(parent.isEmpty() ? "/" : parent, 1, Integer::sum);
        }
      }
    }
    SortedMap<String, FileFacts> facts = new TreeMap<>();
    for (TreeFile file : tree) {
      String own = own(file);
      facts.put(name(file), facts(file, links.getOrDefault(own, 0), first.getOrDefault(own, own)));
    }
    return facts;
  }

  /** Returns the path by which a file came first into the tree. */
  private static String own(TreeFile file) {
    return file.kind() instanceof Kind.HardLink link ? name(link.to()) : name(file);
  }

  private static String name(TreeFile file) {
    return file.path().isEmpty() ? "/" : file.path();
  }

  private static FileFacts facts(TreeFile file, int links, String first) {
    Kind kind = file.kind() instanceof Kind.HardLink link ? link.to().kind() : file.kind();
    long size = kind instanceof Kind.Regular regular ? regular.content().size() : 0;
    SortedMap<String, String> xattrs = new TreeMap<>();
    file.xattrs().forEach((name, value) -> xattrs.put(name, FileFacts.text(value)));
    Attributes attributes = file.attributes();
    return new FileFacts(
        file.type(),
        attributes.permissions(),
        attributes.uid(),
        attributes.gid(),
        attributes.seconds(),
        attributes.nanoseconds(),
        links,
        first,
        size,
        content(kind),
        "",
        xattrs);
  }

  private static String content(Kind kind) {
    return switch (kind) {
      case Kind.Regular regular -> {
        MessageDigest digest = FileFacts.digest();
        digest.update(regular.content().bytes());
        yield FileFacts.text(digest);
      }
      case Kind.Symlink symlink -> symlink.target();
      case Kind.Special special
          when special.type() == FileType.CHARACTER_DEVICE
              || special.type() == FileType.BLOCK_DEVICE ->
          special.major() + ":" + special.minor();
      default -> "";
    };
  }
}
