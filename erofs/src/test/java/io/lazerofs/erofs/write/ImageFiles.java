package io.lazerofs.erofs.write;

import io.lazerofs.erofs.ErofsImage;
import io.lazerofs.erofs.Inode;
import io.lazerofs.source.MappedSource;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** The files of an image as our reader sees them, by path without a slash at its start. */
final class ImageFiles implements AutoCloseable {
  private final MappedSource source;
  private final ErofsImage image;
  private final SortedMap<String, Inode> files = new TreeMap<>();

  private ImageFiles(Path file) throws IOException {
    source = MappedSource.open(file);
    image = ErofsImage.open(source, List.of());
    Inode root = image.inode(image.rootNid());
    files.put("", root);
    walk(root, "");
  }

  static ImageFiles open(Path file) throws IOException {
    return new ImageFiles(file);
  }

  /** Imports an archive and opens the image. */
  static ImageFiles of(byte[] tar, Path directory) throws IOException {
    Path output = directory.resolve("image.erofs");
    TarImporter.importTar(new ByteArrayInputStream(tar), output);
    return open(output);
  }

  ErofsImage image() {
    return image;
  }

  SortedMap<String, Inode> all() {
    return files;
  }

  List<String> paths() {
    return files.keySet().stream().filter(path -> !path.isEmpty()).toList();
  }

  Inode get(String path) {
    Inode inode = files.get(path);
    if (inode == null) {
      throw new AssertionError("no " + path + " in " + files.keySet());
    }
    return inode;
  }

  byte[] bytes(String path) throws IOException {
    Inode inode = get(path);
    byte[] bytes = new byte[Math.toIntExact(inode.size())];
    image.read(inode, 0, MemorySegment.ofArray(bytes));
    return bytes;
  }

  String text(String path) throws IOException {
    return new String(bytes(path), StandardCharsets.ISO_8859_1);
  }

  String target(String path) throws IOException {
    return new String(image.readLink(get(path)), StandardCharsets.ISO_8859_1);
  }

  /** Returns the extended attributes, values as byte strings. */
  Map<String, String> xattrs(String path) throws IOException {
    Map<String, String> xattrs = new TreeMap<>();
    for (byte[] name : image.xattrNames(get(path))) {
      byte[] value = image.xattr(get(path), name).orElseThrow();
      xattrs.put(
          new String(name, StandardCharsets.ISO_8859_1),
          new String(value, StandardCharsets.ISO_8859_1));
    }
    return xattrs;
  }

  private void walk(Inode directory, String prefix) throws IOException {
    SortedMap<String, Long> entries = new TreeMap<>();
    image.list(
        directory,
        0,
        (name, nid, type, next) -> {
          byte[] bytes = name.toArray(ValueLayout.JAVA_BYTE);
          entries.put(new String(bytes, StandardCharsets.ISO_8859_1), nid);
          return true;
        });
    for (var entry : entries.entrySet()) {
      if (entry.getKey().equals(".") || entry.getKey().equals("..")) {
        continue;
      }
      Inode inode = image.inode(entry.getValue());
      files.put(prefix + entry.getKey(), inode);
      if (inode.isDirectory()) {
        walk(inode, prefix + entry.getKey() + "/");
      }
    }
  }

  @Override
  public void close() throws IOException {
    source.close();
  }
}
