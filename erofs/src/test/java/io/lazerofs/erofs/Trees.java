package io.lazerofs.erofs;

import io.lazerofs.source.Waiting;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Walks of whole images, which wait for what is absent. */
final class Trees {
  private Trees() {}

  /** An entry as a listing gives it. */
  record Entry(String name, long nid, int type, long next) {}

  /** Lists a directory from a position on. */
  static List<Entry> list(ErofsImage image, Inode directory, long position) throws IOException {
    return Waiting.on(() -> listPresent(image, directory, position));
  }

  private static List<Entry> listPresent(ErofsImage image, Inode directory, long position)
      throws IOException {
    List<Entry> entries = new ArrayList<>();
    image.list(
        directory,
        position,
        (name, nid, type, next) ->
            entries.add(
                new Entry(ListedFile.text(name.toArray(ValueLayout.JAVA_BYTE)), nid, type, next)));
    return entries;
  }

  /** Returns every path of an image with its inode; the root's is "/". */
  static Map<String, Inode> walk(ErofsImage image) throws IOException {
    Map<String, Inode> inodes = new LinkedHashMap<>();
    Inode root = Waiting.on(() -> image.inode(image.rootNid()));
    inodes.put("/", root);
    walk(image, root, "", inodes);
    return inodes;
  }

  private static void walk(
      ErofsImage image, Inode directory, String path, Map<String, Inode> inodes)
      throws IOException {
    for (Entry entry : list(image, directory, 0)) {
      if (entry.name().equals(".") || entry.name().equals("..")) {
        continue;
      }
      Inode inode = Waiting.on(() -> image.inode(entry.nid()));
      String childPath = path + "/" + entry.name();
      inodes.put(childPath, inode);
      if (inode.isDirectory()) {
        walk(image, inode, childPath, inodes);
      }
    }
  }

  /** Finds an inode by its absolute path. */
  static Inode find(ErofsImage image, String path) throws IOException {
    Inode inode = image.inode(image.rootNid());
    for (String name : path.substring(1).split("/", -1)) {
      inode = image.inode(image.lookup(inode, ListedFile.bytes(name)).orElseThrow().nid());
    }
    return inode;
  }

  /** Reads a whole content in one call. */
  static byte[] content(ErofsImage image, Inode inode) throws IOException {
    byte[] bytes = new byte[(int) inode.size()];
    int read = image.read(inode, 0, MemorySegment.ofArray(bytes));
    if (read != bytes.length) {
      throw new AssertionError("read " + read + " of " + bytes.length);
    }
    return bytes;
  }
}
