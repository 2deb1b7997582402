package io.lazerofs.it.dio;

import io.lazerofs.erofs.ErofsImage;
import io.lazerofs.erofs.Extent;
import io.lazerofs.erofs.Inode;
import io.lazerofs.erofs.disk.FileType;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Finds the regular files of an image that differ in size or layout, and their borders. */
final class TestFiles {
  private final ErofsImage image;
  private final Set<List<Object>> kinds = new HashSet<>();
  private final List<TestFile> found = new ArrayList<>();

  private TestFiles(ErofsImage image) {
    this.image = image;
  }

  /** Returns one file of each size, layout and number of extents. */
  static List<TestFile> of(ErofsImage image) throws IOException {
    TestFiles files = new TestFiles(image);
    files.walk(image.inode(image.rootNid()), "");
    return files.found;
  }

  private void walk(Inode directory, String path) throws IOException {
    TreeMap<String, Long> children = new TreeMap<>();
    image.list(
        directory,
        0,
        (name, nid, type, next) -> {
          byte[] bytes = name.toArray(ValueLayout.JAVA_BYTE);
          children.put(new String(bytes, StandardCharsets.ISO_8859_1), nid);
          return true;
        });
    children.remove(".");
    children.remove("..");
    for (var child : children.entrySet()) {
      Inode inode = image.inode(child.getValue());
      String name = path + "/" + child.getKey();
      if (inode.isDirectory()) {
        walk(inode, name);
      } else if (inode.type() == FileType.REGULAR) {
        add(inode, name);
      }
    }
  }

  private void add(Inode inode, String path) throws IOException {
    TreeSet<Long> borders = new TreeSet<>(List.of(0L, inode.size()));
    List<TestFile.Run> mapped = new ArrayList<>();
    int extents = 0;
    for (long at = 0; at < inode.size(); extents++) {
      Extent extent = image.extent(inode, at);
      if (extent instanceof Extent.Plain) {
        mapped.add(new TestFile.Run(extent.offset(), extent.offset() + extent.length()));
      }
      borders.add(extent.offset());
      at = inode.endOf(extent, at);
      borders.add(at);
    }
    if (kinds.add(List.of(inode.size(), inode.layout(), extents))) {
      boolean compressed = inode.layout().compressed();
      found.add(new TestFile(path, inode.size(), compressed, List.copyOf(borders), mapped));
    }
  }
}
