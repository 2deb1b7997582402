package io.lazerofs.it;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * A tree of files as the system's own programs and calls tell it, to compare one with another.
 * Paths are byte strings, a character for a byte. Needs root.
 */
final class TreeListing {
  private static final int TYPE = 0xf000; // S_IFMT
  private static final int CHARACTER_DEVICE = 0x2000; // S_IFCHR

  private TreeListing() {}

  /**
   * Returns what find(1) sees of each path. Sizes and links of directories are the file system's
   * own affair and left out.
   *
   * @param time how it prints times: {@code %T+}, or {@code %Ts} for whole seconds
   */
  static List<String> attributes(Path root, String time) throws Exception {
    String all = "%P\\0%y %m %U %G %n %s " + time + " %l\\0";
    String directories = "%P\\0%y %m %U %G " + time + "\\0";
    return pairs(root, "-type", "d", "-printf", directories, "-o", "-printf", all).stream()
        .map(pair -> pair.get(0) + " " + pair.get(1))
        .sorted()
        .toList();
  }

  /** Returns the paths of each file that has several. */
  static List<List<String>> hardLinks(Path root) throws Exception {
    Map<String, List<String>> paths = new TreeMap<>();
    for (List<String> pair : pairs(root, "!", "-type", "d", "-printf", "%P\\0%D:%i\\0")) {
      paths.computeIfAbsent(pair.get(1), _ -> new ArrayList<>()).add(pair.get(0));
    }
    return paths.values().stream()
        .filter(names -> names.size() > 1)
        .map(names -> names.stream().sorted().toList())
        .sorted((a, b) -> a.getFirst().compareTo(b.getFirst()))
        .toList();
  }

  /** Returns the device numbers that stat(1) sees of each device. */
  static List<String> devices(Path root) throws Exception {
    String[] find = {"(", "-type", "c", "-o", "-type", "b", ")"};
    List<String> command = new ArrayList<>(List.of("find", "."));
    command.addAll(List.of(find));
    command.addAll(List.of("-exec", "stat", "--format=%N %Hr:%Lr", "{}", "+"));
    return Command.run(root, command.toArray(String[]::new)).stream().sorted().toList();
  }

  /** Returns the digest of each regular file's content, with its path. */
  static List<String> contents(Path root) throws Exception {
    return Command.run(root, "find", ".", "-type", "f", "-exec", "sha256sum", "{}", "+").stream()
        .sorted()
        .toList();
  }

  /** Returns the extended attributes of each path that has any, values in hexadecimal. */
  static SortedMap<String, SortedMap<String, String>> xattrs(Path root) throws IOException {
    List<Path> paths;
    try (Stream<Path> walk = Files.walk(root)) {
      paths = walk.toList();
    }
    SortedMap<String, SortedMap<String, String>> all = new TreeMap<>();
    for (Path path : paths) {
      SortedMap<String, String> values = xattrsOf(path);
      if (!values.isEmpty()) {
        all.put(relative(root, path), values);
      }
    }
    return all;
  }

  /** Returns the directories that hold character devices 0:0, by the paths of {@link #xattrs}. */
  static Set<String> holdersOfWhiteouts(Path root) throws IOException {
    Set<String> holders = new TreeSet<>();
    try (Stream<Path> walk = Files.walk(root)) {
      for (Path path : (Iterable<Path>) walk::iterator) {
        boolean device = isCharacterDevice(path);
        if (device && Files.getAttribute(path, "unix:rdev", NOFOLLOW_LINKS).equals(0L)) {
          holders.add(relative(root, path.resolveSibling("")));
        }
      }
    }
    return holders;
  }

  private static boolean isCharacterDevice(Path path) throws IOException {
    int mode = (int) Files.getAttribute(path, "unix:mode", NOFOLLOW_LINKS);
    return (mode & TYPE) == CHARACTER_DEVICE;
  }

  private static String relative(Path root, Path path) {
    return root.toUri().relativize(path.toUri()).getRawPath().replaceAll("/$", "");
  }

  private static SortedMap<String, String> xattrsOf(Path path) {
    NativeFile.Answer list = NativeFile.xattrNames(path, 1 << 16);
    assertThat(list.result()).as("llistxattr of " + path).isNotNegative();
    SortedMap<String, String> values = new TreeMap<>();
    for (String name : new String(list.bytes(), StandardCharsets.ISO_8859_1).split("\0")) {
      if (!name.isEmpty()) {
        NativeFile.Answer value = NativeFile.xattr(path, name, 1 << 16);
        assertThat(value.result()).as("lgetxattr " + name + " of " + path).isNotNegative();
        values.put(name, HexFormat.of().formatHex(value.bytes()));
      }
    }
    return values;
  }

  /** Runs find(1) with an expression that prints two texts, each with a NUL, for a path. */
  private static Collection<List<String>> pairs(Path root, String... expression) throws Exception {
    List<String> command = new ArrayList<>(List.of("find", "."));
    command.addAll(List.of(expression));
    List<String> lines = Command.run(root, command.toArray(String[]::new));
    String[] fields = String.join("\n", lines).split("\0", -1);
    List<List<String>> pairs = new ArrayList<>();
    for (int i = 0; i + 1 < fields.length; i += 2) {
      pairs.add(List.of(fields[i], fields[i + 1]));
    }
    return pairs;
  }
}
