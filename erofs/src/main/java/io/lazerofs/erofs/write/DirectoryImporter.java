package io.lazerofs.erofs.write;

import io.lazerofs.erofs.disk.FileType;
import io.lazerofs.files.FileStatus;
import io.lazerofs.files.OpenDirectory;
import io.lazerofs.files.OpenFile;
import io.lazerofs.tar.DataRange;
import io.lazerofs.tar.Timestamp;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Turns a directory of the local disk into an EROFS image of all that is in it.
 *
 * <p>Kept are names of any bytes, every type of file, owners, permissions, times, extended
 * attributes, holes, and hard links between files of the tree. Symbolic links are not followed.
 * What is mounted below the directory is part of it. Nothing is skipped: what cannot be read is an
 * error, and so is a file that changes while it is read. The attributes in {@code trusted.} are
 * only there for root.
 *
 * <p>The image is for any use, so that {@code .wh.} in a name means nothing, other than in the
 * layers that {@link TarImporter} reads. Only a directory that holds character devices 0:0, which
 * overlayfs takes for whiteouts, is marked as one that does, like mkfs.erofs marks it.
 *
 * <p>Content lies in the order of the walk: that of the files of a directory side by side, by their
 * names, then that of each subdirectory.
 */
public final class DirectoryImporter {
  private static final int BUFFER_BYTES = 1 << 20;
  private static final byte[] SELF = {'.'};

  private final ImageWriter writer;
  private final MemorySegment buffer;
  private final XattrFilter xattrs = new XattrFilter();
  private final Map<Identity, Node> linked = new HashMap<>();
  private long entries;
  private long contentBytes;

  /** What names of one file have in common. */
  private record Identity(long fileSystem, long inode) {}

  /** A directory whose files are in the tree, and its subdirectories that are not. */
  private record Level(
      OpenDirectory source, Directory node, List<String> path, Deque<byte[]> subdirectories) {}

  private DirectoryImporter(ImageWriter writer, MemorySegment buffer) {
    this.writer = writer;
    this.buffer = buffer;
  }

  /** Imports with the {@linkplain WriteOptions#defaults default options}. */
  public static ImportSummary importDirectory(Path directory, Path output) throws IOException {
    return importDirectory(directory, output, WriteOptions.defaults());
  }

  /**
   * Reads a directory and writes the image of its tree; the same tree and options always give the
   * same image. The image appears under its name only when it is complete. A descriptor is open for
   * each level of the tree.
   *
   * @param directory followed when it is a symbolic link
   * @param output the image, which replaces a file of that name; not inside of {@code directory}
   * @throws IOException when something cannot be read, changes meanwhile or has no place in the
   *     format, and says which file that is; or the image cannot be written. No output is left
   *     behind.
   */
  public static ImportSummary importDirectory(Path directory, Path output, WriteOptions options)
      throws IOException {
    refuseInside(directory, output);
    try (OpenDirectory source = OpenDirectory.open(directory);
        ImageWriter writer = ImageWriter.create(output, options);
        Arena arena = Arena.ofConfined()) {
      return new DirectoryImporter(writer, arena.allocate(BUFFER_BYTES)).run(source);
    }
  }

  private static void refuseInside(Path directory, Path output) throws IOException {
    Path holder = output.toAbsolutePath().normalize().getParent();
    for (Path at = holder == null ? null : holder.toRealPath(); at != null; at = at.getParent()) {
      if (Files.isSameFile(at, directory)) {
        throw new FileSystemException(
            output.toString(), null, "an image cannot lie in the directory that it is made of");
      }
    }
  }

  private ImportSummary run(OpenDirectory source) throws IOException {
    Deque<Level> levels = new ArrayDeque<>();
    try {
      Directory root = new Directory(attributes(source, SELF, source.status(SELF)));
      levels.push(enter(source, root, List.of()));
      while (!levels.isEmpty()) {
        Level level = levels.peek();
        if (level.subdirectories.isEmpty()) {
          levels.pop().source.close();
        } else {
          levels.push(descend(level, level.subdirectories.pop()));
        }
      }
      long imageBytes = writer.finish(root);
      return new ImportSummary(entries, contentBytes, imageBytes, xattrs.dropped());
    } finally {
      levels.forEach(level -> level.source.close());
    }
  }

  private Level descend(Level parent, byte[] name) throws IOException {
    OpenDirectory source = parent.source.directory(name);
    try {
      Directory node = new Directory(attributes(source, SELF, source.status(SELF)));
      parent.node.put(text(name), node);
      return enter(source, node, below(parent.path, text(name)));
    } catch (IOException | RuntimeException | Error e) {
      source.close();
      throw e;
    }
  }

  /** Adds all of a directory but its subdirectories. */
  private Level enter(OpenDirectory source, Directory node, List<String> path) throws IOException {
    Deque<byte[]> subdirectories = new ArrayDeque<>();
    entries++;
    for (byte[] name : source.names()) {
      FileStatus status = source.status(name);
      if (status.isDirectory()) {
        subdirectories.add(name);
      } else {
        node.put(text(name), file(source, path, name, status));
        entries++;
      }
    }
    node.markForOverlay();
    return new Level(source, node, path, subdirectories);
  }

  private static List<String> below(List<String> path, String name) {
    List<String> longer = new ArrayList<>(path);
    longer.add(name);
    return longer;
  }

  private Node file(OpenDirectory source, List<String> path, byte[] name, FileStatus status)
      throws IOException {
    if (status.links() == 1) {
      return newFile(source, path, name, status);
    }
    Identity identity = new Identity(status.fileSystem(), status.inode());
    Node known = linked.get(identity);
    if (known == null) {
      known = newFile(source, path, name, status);
      linked.put(identity, known);
    }
    return known;
  }

  private Node newFile(OpenDirectory source, List<String> path, byte[] name, FileStatus status)
      throws IOException {
    if (status.isRegular()) {
      return regular(source, path, name);
    }
    FileAttributes attributes = attributes(source, name, status);
    FileType type = FileType.ofMode(status.mode());
    try {
      return switch (type) {
        case SYMLINK -> new Symlink(attributes, text(source.readLink(name)));
        case CHARACTER_DEVICE, BLOCK_DEVICE ->
            SpecialFile.device(attributes, type, status.deviceMajor(), status.deviceMinor());
        case FIFO -> SpecialFile.fifo(attributes);
        case SOCKET -> SpecialFile.socket(attributes);
        case REGULAR, DIRECTORY, UNKNOWN ->
            throw new IllegalArgumentException("EROFS has no such type of file");
      };
    } catch (IllegalArgumentException e) {
      throw refused(source, name, e);
    }
  }

  private RegularFile regular(OpenDirectory source, List<String> path, byte[] name)
      throws IOException {
    try (OpenFile file = source.file(name)) {
      FileContent content = new FileContent(file, buffer);
      FileStatus status = content.status();
      StoredFile stored =
          writer.store(below(path, text(name)), content, status.size(), content.data());
      content.checkUnchanged();
      contentBytes += content.data().stream().mapToLong(DataRange::length).sum();
      return new RegularFile(attributes(source, name, status), stored);
    }
  }

  private FileAttributes attributes(OpenDirectory source, byte[] name, FileStatus status)
      throws IOException {
    SortedMap<String, byte[]> values = new TreeMap<>();
    for (byte[] xattr : source.xattrNames(name)) {
      values.put(text(xattr), source.xattr(name, xattr));
    }
    try {
      return new FileAttributes(
          status.permissions(),
          status.uid(),
          status.gid(),
          new Timestamp(status.seconds(), status.nanoseconds()),
          xattrs.keep(values));
    } catch (IllegalArgumentException e) {
      throw refused(source, name, e);
    }
  }

  private static FileSystemException refused(
      OpenDirectory source, byte[] name, IllegalArgumentException reason) {
    FileSystemException refused =
        new FileSystemException(source.path(name), null, reason.getMessage());
    refused.initCause(reason);
    return refused;
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }
}
