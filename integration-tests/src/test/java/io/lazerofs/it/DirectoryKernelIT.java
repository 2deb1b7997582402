package io.lazerofs.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazerofs.erofs.write.DirectoryImporter;
import io.lazerofs.files.NewFile;
import io.lazerofs.files.OpenDirectory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Directories come back from the kernel's mount of their images as they were: names, types, modes,
 * owners, times, links, attributes of all namespaces, content and holes; and fsck.erofs passes.
 */
final class DirectoryKernelIT {
  private static final int TREES = 12;
  private static final String ORIGIN = "trusted.overlay.origin";

  @TempDir Path directory;

  @Test
  void randomTreesReadBackFromTheKernel() throws Exception {
    long seed = 2_026_1122L;
    System.out.println("seeds from " + seed);
    for (int i = 0; i < TREES; i++) {
      Random random = new Random(seed + i);
      Path source = directory.resolve("source" + i);
      new RandomTree(random).make(source);
      try (OpenDirectory root = OpenDirectory.open(source)) {
        new RawFiles(random).add(root);
      }
      Path image = importTree(source);
      try (KernelMount mount = new KernelMount(image)) {
        assertSame(mount.directory(), source, "seed " + (seed + i));
      }
    }
  }

  private static void assertSame(Path mounted, Path source, String seed) throws Exception {
    assertThat(TreeListing.attributes(mounted, "%T+"))
        .as(seed)
        .isEqualTo(TreeListing.attributes(source, "%T+"));
    assertThat(TreeListing.hardLinks(mounted)).as(seed).isEqualTo(TreeListing.hardLinks(source));
    assertThat(TreeListing.devices(mounted)).as(seed).isEqualTo(TreeListing.devices(source));
    assertThat(TreeListing.contents(mounted)).as(seed).isEqualTo(TreeListing.contents(source));
    SortedMap<String, SortedMap<String, String>> expected = TreeListing.xattrs(source);
    for (String holder : TreeListing.holdersOfWhiteouts(source)) {
      expected.computeIfAbsent(holder, _ -> new TreeMap<>()).putIfAbsent(ORIGIN, "");
    }
    assertThat(TreeListing.xattrs(mounted)).as(seed).isEqualTo(expected);
  }

  @Test
  void holesAreWhereTheyWere() throws Exception {
    Path source = Files.createDirectory(directory.resolve("source"));
    long size = (9L << 30) + 5;
    try (OpenDirectory root = OpenDirectory.open(source);
        Arena arena = Arena.ofConfined();
        NewFile file = root.makeFile("sparse".getBytes(StandardCharsets.US_ASCII), 0644)) {
      MemorySegment data = arena.allocate(1 << 20);
      data.fill((byte) 1);
      file.write(4L << 30, data);
      file.write(8L << 30, data);
      file.setSize(size);
    }
    Path image = importTree(source);
    assertThat(Files.size(image)).isLessThan(4 << 20);
    try (KernelMount mount = new KernelMount(image)) {
      Path mounted = mount.directory().resolve("sparse");
      assertThat(mounted).hasSize(size);
      try (NativeFile file = NativeFile.open(mounted, NativeFile.O_RDONLY)) {
        assertThat(file.seekData(0)).isEqualTo(4L << 30);
        assertThat(file.seekHole(4L << 30)).isEqualTo((4L << 30) + (1 << 20));
        assertThat(file.seekData((4L << 30) + (1 << 20))).isEqualTo(8L << 30);
        assertThat(file.seekData((8L << 30) + (1 << 20))).isEqualTo(-NativeFile.ENXIO);
      }
    }
  }

  @Test
  void whatIsMountedBelowIsPartOfTheTree() throws Exception {
    Path source = Files.createDirectory(directory.resolve("source"));
    Path below = Files.createDirectory(source.resolve("below"));
    Command.run(directory, "mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", below.toString());
    try {
      Files.writeString(below.resolve("inside"), "content");
      try (KernelMount mount = new KernelMount(importTree(source))) {
        assertThat(mount.directory().resolve("below/inside")).hasContent("content");
      }
    } finally {
      Command.run(directory, "umount", below.toString());
    }
  }

  @Test
  void filesWhosePathsAreLongerThanLinuxTakesAreFound() throws Exception {
    int levels = 20;
    byte[] name = "d".repeat(250).getBytes(StandardCharsets.US_ASCII);
    Path source = Files.createDirectory(directory.resolve("source"));
    OpenDirectory at = OpenDirectory.open(source);
    for (int i = 0; i < levels; i++) {
      at.makeDirectory(name, 0755);
      try (OpenDirectory parent = at) {
        at = parent.directory(name);
      }
    }
    try (OpenDirectory deepest = at) {
      deepest.makeFile(name, 0644).close();
    }
    try (KernelMount mount = new KernelMount(importTree(source))) {
      assertThat(Command.run(mount.directory(), "find", ".", "-type", "f", "-printf", "%d\\n"))
          .containsExactly(String.valueOf(levels + 1));
    } finally {
      // JUnit's own way goes by paths.
      Command.run(directory, "rm", "-rf", source.toString());
    }
  }

  @Test
  void anOriginThatADirectoryHasIsKept() throws Exception {
    Path source = Files.createDirectory(directory.resolve("source"));
    byte[] self = {'.'};
    byte[] name = ORIGIN.getBytes(StandardCharsets.US_ASCII);
    try (OpenDirectory root = OpenDirectory.open(source)) {
      root.makeNode("whiteout".getBytes(StandardCharsets.US_ASCII), 0x2000, 0, 0);
      root.setXattr(self, name, new byte[] {0, -5});
    }
    try (KernelMount mount = new KernelMount(importTree(source))) {
      assertThat(TreeListing.xattrs(mount.directory()))
          .isEqualTo(Map.of("", Map.of(ORIGIN, "00fb")));
    }
  }

  private Path importTree(Path source) throws Exception {
    Path image = directory.resolve(source.getFileName() + ".erofs");
    DirectoryImporter.importDirectory(source, image);
    Command.run(directory, "fsck.erofs", image.toString());
    return image;
  }
}
