package io.lazerofs.it.conformance;

import io.lazerofs.erofs.disk.FileType;
import io.lazerofs.it.conformance.TreeFile.Attributes;
import io.lazerofs.it.conformance.TreeFile.Kind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A tree of files of all types, the same for the same seed: names of any bytes, directories that
 * are deep or wide at times, hard links, and everything of {@link RandomContent} and {@link
 * RandomXattrs}. It is in memory only; the files stand parents first.
 */
final class RandomTree {
  /** PATH_MAX of Linux, less the directory that a tree is made in. */
  private static final int LONGEST_PATH = 3800;

  private static final int LONGEST_TARGET = 4095;
  private static final String LETTERS = "abcXYZ019 !-.,~'\"\\\t\n%=";

  private final Random random;
  private final boolean sockets;
  private final int longestName;
  private final RandomContent contents;
  private final RandomXattrs xattrs;
  private final List<TreeFile> files = new ArrayList<>();
  private final Set<String> paths = new HashSet<>();

  private RandomTree(Random random, boolean sockets, int longestName) {
    this.random = random;
    this.sockets = sockets;
    this.longestName = longestName;
    this.contents = new RandomContent(random);
    this.xattrs = new RandomXattrs(random);
  }

  /**
   * Makes up a tree.
   *
   * @param sockets whether it may have sockets, which no archive holds
   * @param longestName bytes, at most 255
   */
  static List<TreeFile> of(Random random, boolean sockets, int longestName) {
    RandomTree tree = new RandomTree(random, sockets, longestName);
    tree.fill();
    return List.copyOf(tree.files);
  }

  private void fill() {
    List<String> directories = new ArrayList<>(List.of(""));
    add("", new Kind.Directory());
    int count = 5 + random.nextInt(60);
    for (int i = 0; i < count; i++) {
      String path = path(directories.get(random.nextInt(directories.size())));
      Kind kind = kind();
      add(path, kind);
      if (kind instanceof Kind.Directory) {
        directories.add(path);
      }
    }
    if (random.nextInt(10) == 0) {
      deep(40 + random.nextInt(30));
    }
    if (random.nextInt(20) == 0) {
      wide(random.nextBoolean() ? 2000 : 200 + random.nextInt(400));
    }
  }

  private Kind kind() {
    return switch (random.nextInt(14)) {
      case 0, 1 -> new Kind.Directory();
      case 2 -> new Kind.Symlink(target());
      case 3 -> link();
      case 4 -> special();
      default -> new Kind.Regular(contents.next());
    };
  }

  private Kind link() {
    List<TreeFile> candidates =
        files.stream()
            .filter(file ->
                !(file.kind() instanceof Kind.Directory || file.kind() instanceof Kind.HardLink))
            .toList();
    return candidates.isEmpty()
        ? new Kind.Regular(contents.next())
        : new Kind.HardLink(candidates.get(random.nextInt(candidates.size())));
  }

  private Kind special() {
    return switch (random.nextInt(sockets ? 4 : 3)) {
      case 0 -> device(FileType.CHARACTER_DEVICE);
      case 1 -> device(FileType.BLOCK_DEVICE);
      case 2 -> new Kind.Special(FileType.FIFO, 0, 0);
      default -> new Kind.Special(FileType.SOCKET, 0, 0);
    };
  }

  /** Number 0:0 is left out: as a character device it is a whiteout, which layers treat apart. */
  private Kind device(FileType type) {
    int minor = random.nextBoolean() ? random.nextInt(256) : random.nextInt(1 << 20);
    return new Kind.Special(type, 1 + random.nextInt(0xfff), minor);
  }

  private String target() {
    int longest = random.nextInt(5) == 0 ? LONGEST_TARGET : 60;
    StringBuilder target = new StringBuilder();
    for (int i = random.nextInt(20) == 0 ? longest : 1 + random.nextInt(longest); i > 0; i--) {
      target.append(character());
    }
    return target.toString();
  }

  private void deep(int levels) {
    String path = "";
    for (int i = 0; i < levels; i++) {
      path += "/" + (char) ('a' + random.nextInt(26)) + i;
      if (paths.add(path)) {
        add(path, new Kind.Directory());
      }
    }
    add(path + "/bottom", new Kind.Regular(contents.next()));
  }

  private void wide(int count) {
    String path = path("");
    add(path, new Kind.Directory());
    for (int i = 0; i < count; i++) {
      String name = random.nextInt(30) == 0 ? "-".repeat(200) + i : "entry" + i;
      boolean file = random.nextInt(4) > 0;
      add(
          path + "/" + name,
          file
              ? new Kind.Regular(Content.of(new byte[random.nextInt(20)]))
              : new Kind.Special(FileType.FIFO, 0, 0));
    }
  }

  private void add(String path, Kind kind) {
    if (kind instanceof Kind.HardLink link) {
      files.add(new TreeFile(path, kind, link.to().attributes(), link.to().xattrs()));
      return;
    }
    FileType type = new TreeFile(path, kind, attributes(0), new TreeMap<>()).type();
    int permissions = type == FileType.SYMLINK ? 0777 : random.nextInt(010000);
    SortedMap<String, byte[]> values = xattrs.next(type, permissions);
    files.add(new TreeFile(path, kind, attributes(permissions), values));
  }

  private Attributes attributes(int permissions) {
    boolean wide = random.nextInt(8) == 0;
    return new Attributes(
        permissions,
        random.nextInt(4) == 0 ? random.nextInt(wide ? Integer.MAX_VALUE : 70_000) : 0,
        random.nextInt(4) == 0 ? random.nextLong(wide ? 0xffff_fffeL : 70_000L) : 0,
        random.nextInt(3) == 0 ? 1_700_000_000 : random.nextLong(1L << 33),
        random.nextBoolean() ? 0 : random.nextInt(1_000_000_000));
  }

  /** Returns a path in a directory that there is not yet. */
  private String path(String directory) {
    while (true) {
      String path = directory + "/" + name();
      if (path.length() > LONGEST_PATH) {
        path = "/" + paths.size();
      }
      if (paths.add(path)) {
        return path;
      }
    }
  }

  private String name() {
    while (true) {
      StringBuilder name = new StringBuilder();
      int longest = random.nextInt(20) == 0 ? longestName : 16;
      int length = random.nextInt(40) == 0 ? longestName : 1 + random.nextInt(longest);
      for (int i = length; i > 0; i--) {
        name.append(character());
      }
      String text = name.toString().replace('/', '_');
      // Names of whiteouts mean something else in an archive of a layer.
      if (!text.equals(".") && !text.equals("..") && !text.startsWith(".wh.")) {
        return text;
      }
    }
  }

  /** Returns any byte but NUL. */
  private char character() {
    return random.nextInt(4) == 0
        ? (char) (1 + random.nextInt(255))
        : LETTERS.charAt(random.nextInt(LETTERS.length()));
  }
}
