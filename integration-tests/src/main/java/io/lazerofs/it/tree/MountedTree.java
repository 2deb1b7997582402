package io.lazerofs.it.tree;

import io.lazerofs.erofs.disk.FileType;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** A tree that is mounted, or that lies on a disk: what system calls say of it. */
public final class MountedTree {
  private MountedTree() {}

  /** Returns the facts of each path below a directory, and of itself as "/". */
  public static SortedMap<String, FileFacts> list(String root) throws IOException {
    SortedMap<String, RawFiles.Status> found = new TreeMap<>();
    found.put("/", RawFiles.status(root));
    walk(root, "", found);
    Map<Long, String> first = new HashMap<>();
    found.forEach((path, status) -> first.putIfAbsent(status.inode(), path));
    SortedMap<String, FileFacts> facts = new TreeMap<>();
    for (var entry : found.entrySet()) {
      String known = first.get(entry.getValue().inode());
      FileFacts of = facts.get(known);
      // Another name of a file that was read already.
      facts.put(entry.getKey(), of == null ? facts(root, entry.getKey(), entry.getValue()) : of);
    }
    return facts;
  }

  private static void walk(String root, String path, SortedMap<String, RawFiles.Status> found)
      throws IOException {
    for (String name : RawFiles.names(root + path)) {
      String child = path + "/" + name;
      RawFiles.Status status = RawFiles.status(root + child);
      found.put(child, status);
      if (FileType.ofMode(status.mode()) == FileType.DIRECTORY) {
        walk(root, child, found);
      }
    }
  }

  private static FileFacts facts(String root, String path, RawFiles.Status status)
      throws IOException {
    FileType type = FileType.ofMode(status.mode());
    String content = "";
    String data = "";
    switch (type) {
      case REGULAR -> {
        try (RawFile file = RawFile.open(root + path)) {
          content = file.sha256();
          data = file.data();
        }
      }
      case SYMLINK -> content = RawFiles.target(root + path);
      case CHARACTER_DEVICE, BLOCK_DEVICE -> content = status.device();
      default -> {}
    }
    return new FileFacts(
        type,
        status.mode() & 07777,
        status.uid(),
        status.gid(),
        status.seconds(),
        status.nanoseconds(),
        status.links(),
        path,
        type == FileType.REGULAR ? status.size() : 0,
        content,
        data,
        RawFiles.xattrs(root + path));
  }
}
