package io.lazerofs.it;

import io.lazerofs.dio.ReadBuffer;
import io.lazerofs.fuse.Attributes;
import io.lazerofs.fuse.Entry;
import io.lazerofs.fuse.FileSystem;
import io.lazerofs.fuse.NodeException;
import io.lazerofs.fuse.Statistics;
import io.lazerofs.source.ByteSource;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** A file system of a test, made up in memory; it counts what it is asked. */
final class MemoryFileSystem implements FileSystem {
  static final int DIRECTORY = 0040000;
  static final int REGULAR = 0100000;
  static final int SYMLINK = 0120000;

  final AtomicInteger reads = new AtomicInteger();
  final AtomicInteger lookups = new AtomicInteger();
  final AtomicInteger opens = new AtomicInteger();

  /** Whether opens are judged; those with O_DIRECT are refused then. */
  volatile boolean judgesOpens;

  private final List<Node> nodes = new ArrayList<>();
  private final Node root;

  /** A file, directory or symbolic link; {@code data} from {@code dataStart} on, zeros before. */
  static final class Node {
    final long id;
    final int mode;
    final Map<String, Node> children = new LinkedHashMap<>();
    final Map<String, byte[]> xattrs = new LinkedHashMap<>();
    ByteSource content = new ArraySource(new byte[0]);
    long holeEnd;

    Node(long id, int mode) {
      this.id = id;
      this.mode = mode;
    }
  }

  MemoryFileSystem() {
    nodes.add(new Node(0, 0));
    root = add(DIRECTORY | 0755);
  }

  Node root() {
    return root;
  }

  Node file(Node directory, String name, ByteSource content) {
    Node node = add(REGULAR | 0644);
    node.content = content;
    directory.children.put(name, node);
    return node;
  }

  Node directory(Node directory, String name) {
    Node node = add(DIRECTORY | 0755);
    directory.children.put(name, node);
    return node;
  }

  Node link(Node directory, String name, String target) {
    Node node = add(SYMLINK | 0777);
    node.content = new ArraySource(target.getBytes(StandardCharsets.UTF_8));
    directory.children.put(name, node);
    return node;
  }

  private Node add(int mode) {
    Node node = new Node(nodes.size(), mode);
    nodes.add(node);
    return node;
  }

  private Node node(long id) throws NodeException {
    if (id < 1 || id >= nodes.size()) {
      throw new NodeException.Stale(id);
    }
    return nodes.get((int) id);
  }

  @Override
  public Optional<Entry> lookup(long directory, byte[] name) throws IOException {
    lookups.incrementAndGet();
    Node found = node(directory).children.get(new String(name, StandardCharsets.UTF_8));
    return found == null
        ? Optional.empty()
        : Optional.of(new Entry(found.id, attributes(found.id)));
  }

  @Override
  public boolean remembersMissingNames(long directory) {
    return true;
  }

  @Override
  public long generation(long node) {
    return 0;
  }

  @Override
  public Attributes attributes(long id) throws IOException {
    Node node = node(id);
    long size = node.content.size();
    return new Attributes(
        id, size, (size + 511) >> 9, 1_700_000_000, 123_456_789, node.mode, 1, 7, 8, 0, 4096);
  }

  @Override
  public byte[] readLink(long id) throws IOException {
    Node node = node(id);
    byte[] target = new byte[(int) node.content.size()];
    node.content.read(0, MemorySegment.ofArray(target));
    return target;
  }

  @Override
  public boolean judgesOpens() {
    return judgesOpens;
  }

  @Override
  public void open(long id, boolean direct) throws IOException {
    opens.incrementAndGet();
    if (direct) {
      throw new NodeException.NotDirect(id);
    }
  }

  @Override
  public int read(long id, long offset, int length, boolean direct, ReadBuffer buffer)
      throws IOException {
    reads.incrementAndGet();
    Node node = node(id);
    int count = Math.clamp(node.content.size() - offset, 0, length);
    buffer.clear();
    node.content.read(offset, buffer.memory(), 0, count);
    return count;
  }

  @Override
  public void list(long directory, long position, DirectorySink sink) throws IOException {
    List<Map.Entry<String, Node>> entries =
        new ArrayList<>(List.of(Map.entry(".", node(directory)), Map.entry("..", root)));
    entries.addAll(node(directory).children.entrySet());
    for (long at = position; at < entries.size(); at++) {
      Map.Entry<String, Node> entry = entries.get((int) at);
      MemorySegment name = MemorySegment.ofArray(entry.getKey().getBytes(StandardCharsets.UTF_8));
      Node node = entry.getValue();
      if (!sink.offer(name, node.id, node.mode >> 12, at + 1)) {
        return;
      }
    }
  }

  @Override
  public Optional<byte[]> xattr(long id, byte[] name) throws IOException {
    return Optional.ofNullable(node(id).xattrs.get(new String(name, StandardCharsets.UTF_8)));
  }

  @Override
  public List<byte[]> xattrNames(long id) throws IOException {
    return node(id).xattrs.keySet().stream()
        .map(name -> name.getBytes(StandardCharsets.UTF_8))
        .toList();
  }

  @Override
  public long seek(long id, long offset, boolean hole) throws IOException {
    Node node = node(id);
    if (offset >= node.content.size()) {
      return -1;
    }
    if (hole) {
      return offset < node.holeEnd ? offset : node.content.size();
    }
    return Math.max(offset, node.holeEnd);
  }

  @Override
  public Statistics statistics(long node) {
    return new Statistics(4096, 12_345, nodes.size(), 255);
  }
}
