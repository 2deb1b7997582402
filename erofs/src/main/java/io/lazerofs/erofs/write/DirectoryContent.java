package io.lazerofs.erofs.write;

import io.lazerofs.erofs.disk.Dirent;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** The content of a directory: blocks of {@link Dirent}s with their names, sorted throughout. */
final class DirectoryContent {
  private record Named(String name, Node node) {}

  private DirectoryContent() {}

  /** Returns the size in bytes, with the unused ends of all blocks but the last. */
  static long size(Directory directory, int blockSize) {
    long blocks = 0;
    int used = 0;
    for (String name : entries(directory).keySet()) {
      int need = need(name.length());
      if (used + need > blockSize) {
        blocks++;
        used = 0;
      }
      used += need;
    }
    return blocks * blockSize + used;
  }

  /** Encodes all entries; every node in them must have its nid. */
  static byte[] encode(Directory directory, int blockSize) {
    byte[] content = new byte[Math.toIntExact(size(directory, blockSize))];
    MemorySegment memory = MemorySegment.ofArray(content);
    List<Named> block = new ArrayList<>();
    int used = 0;
    long at = 0;
    for (var entry : entries(directory).entrySet()) {
      String name = entry.getKey();
      if (used + need(name.length()) > blockSize) {
        encodeBlock(block, memory, at);
        block.clear();
        used = 0;
        at += blockSize;
      }
      block.add(new Named(name, entry.getValue()));
      used += need(name.length());
    }
    encodeBlock(block, memory, at);
    return content;
  }

  private static SortedMap<String, Node> entries(Directory directory) {
    SortedMap<String, Node> entries = new TreeMap<>(directory.children());
    entries.put(".", directory);
    entries.put("..", directory.parent());
    return entries;
  }

  private static int need(int nameLength) {
    return Dirent.SIZE + nameLength;
  }

  private static void encodeBlock(List<Named> block, MemorySegment memory, long start) {
    int nameOffset = block.size() * Dirent.SIZE;
    long at = start;
    for (Named entry : block) {
      new Dirent(entry.node.nid(), nameOffset, entry.node.type().code()).encode(memory, at);
      byte[] name = entry.name.getBytes(StandardCharsets.ISO_8859_1);
      MemorySegment.copy(MemorySegment.ofArray(name), 0, memory, start + nameOffset, name.length);
      nameOffset += name.length;
      at += Dirent.SIZE;
    }
  }
}
