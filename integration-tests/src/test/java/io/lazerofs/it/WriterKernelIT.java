package io.lazerofs.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.nio.file.ExtendedOpenOption;
import io.lazerofs.erofs.write.TarImporter;
import io.lazerofs.tar.TarEntry;
import io.lazerofs.tar.TarReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The kernel mounts the images that we write of GNU tar's archives, fsck.erofs passes them, and GNU
 * tar finds everything in them as it was: content, types, modes, owners, times, links, xattrs.
 */
final class WriterKernelIT {
  private static final int TREES = 20;

  @TempDir Path directory;

  @Test
  void randomTreesReadBackFromTheKernel() throws Exception {
    long seed = 2_026_1121L;
    System.out.println("seeds from " + seed);
    for (int i = 0; i < TREES; i++) {
      Path source = directory.resolve("source" + i);
      new RandomTree(new Random(seed + i)).make(source);
      String format = i % 4 == 3 ? "gnu" : "pax";
      Path image = importTree(source, format, List.of("--sparse"));
      try (KernelMount mount = new KernelMount(image)) {
        // GNU tar's own format has whole seconds only.
        String time = format.equals("pax") ? "%T+" : "%Ts";
        assertThat(TreeListing.attributes(mount.directory(), time))
            .as("seed " + (seed + i))
            .isEqualTo(TreeListing.attributes(source, time));
        // GNU tar's own format has no place for extended attributes.
        assertThat(xattrs(mount.directory()))
            .isEqualTo(format.equals("pax") ? xattrs(source) : Map.of());
        assertThat(TreeListing.contents(mount.directory())).isEqualTo(TreeListing.contents(source));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 100, 5000})
  void directoriesOfEverySizeAreFoundByTheKernel(int count) throws Exception {
    Path source = Files.createDirectory(directory.resolve("source"));
    for (int i = 0; i < count; i++) {
      Files.writeString(source.resolve("file-" + i), "content " + i);
    }
    Path image = importTree(source, "pax", List.of());
    try (KernelMount mount = new KernelMount(image)) {
      for (int i = 0; i < count; i++) {
        assertThat(mount.directory().resolve("file-" + i)).hasContent("content " + i);
      }
    }
  }

  @Test
  void regularFilesCanBeReadDirectly() throws Exception {
    Path source = Files.createDirectory(directory.resolve("source"));
    byte[] content = new byte[3_000_001];
    new Random(3).nextBytes(content);
    Files.write(source.resolve("file"), content);
    try (KernelMount mount = new KernelMount(importTree(source, "pax", List.of()));
        FileChannel file =
            FileChannel.open(
                mount.directory().resolve("file"),
                StandardOpenOption.READ,
                ExtendedOpenOption.DIRECT)) {
      ByteBuffer buffer = ByteBuffer.allocateDirect((4 << 20) + 4096).alignedSlice(4096);
      int read = file.read(buffer.limit(1 << 20), 1 << 20);
      assertThat(read).isEqualTo(1 << 20);
      byte[] bytes = new byte[read];
      buffer.flip().get(bytes);
      assertThat(bytes).isEqualTo(Arrays.copyOfRange(content, 1 << 20, 2 << 20));
    }
  }

  @Test
  void extendedAttributesOfEveryNamespaceReadBack() throws Exception {
    String capability = "\u0001\0\0\u0002\0 " + "\0".repeat(14);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
      tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
      TarArchiveEntry entry = new TarArchiveEntry("file");
      entry.addPaxHeader("SCHILY.xattr.security.capability", capability);
      entry.addPaxHeader("SCHILY.xattr.trusted.overlay.redirect", "/elsewhere");
      entry.addPaxHeader("SCHILY.xattr.user.big", "v".repeat(10_000));
      tar.putArchiveEntry(entry);
      tar.closeArchiveEntry();
    }
    Path image = directory.resolve("image.erofs");
    TarImporter.importTar(new ByteArrayInputStream(bytes.toByteArray()), image);
    Command.run(directory, "fsck.erofs", image.toString());
    try (KernelMount mount = new KernelMount(image)) {
      assertThat(xattrs(mount.directory()))
          .containsEntry("./file: security.capability", hex(capability))
          .containsEntry("./file: trusted.overlay.redirect", hex("/elsewhere"))
          .containsEntry("./file: user.big", hex("v".repeat(10_000)))
          .hasSize(3);
    }
  }

  private static String hex(String bytes) {
    return HexFormat.of().formatHex(bytes.getBytes(StandardCharsets.ISO_8859_1));
  }

  @Test
  void overlayfsHidesWhatTheLayerTakesAway() throws Exception {
    Path lower = Files.createDirectories(directory.resolve("lower"));
    Files.createDirectories(lower.resolve("opaque"));
    Files.writeString(lower.resolve("opaque/hidden"), "");
    Files.writeString(lower.resolve("gone"), "");
    Files.writeString(lower.resolve("kept"), "");
    Path upper = Files.createDirectories(directory.resolve("upper"));
    Files.createDirectories(upper.resolve("opaque"));
    Files.createDirectories(upper.resolve("only-here"));
    Files.writeString(upper.resolve(".wh.gone"), "");
    Files.writeString(upper.resolve("opaque/.wh..wh..opq"), "");
    Files.writeString(upper.resolve("opaque/new"), "");
    Files.writeString(upper.resolve("only-here/.wh.nothing"), "");
    Path merged = Files.createDirectory(directory.resolve("merged"));
    try (KernelMount first = new KernelMount(importTree(lower, "pax", List.of()));
        KernelMount second = new KernelMount(importTree(upper, "pax", List.of()))) {
      String layers = "lowerdir=" + second.directory() + ":" + first.directory();
      Command.run(merged, "mount", "-t", "overlay", "-o", layers, "overlay", merged.toString());
      try {
        assertThat(names(merged)).containsExactly("kept", "only-here", "opaque");
        assertThat(names(merged.resolve("opaque"))).containsExactly("new");
        assertThat(names(merged.resolve("only-here"))).isEmpty();
      } finally {
        Command.run(directory, "umount", merged.toString());
      }
    }
  }

  private static List<String> names(Path directory) throws IOException {
    try (var files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  /** Imports what GNU tar makes of a tree, and checks the image with fsck.erofs. */
  private Path importTree(Path source, String format, List<String> options) throws Exception {
    Path image = directory.resolve(source.getFileName() + ".erofs");
    Process tar = tar(source, format, options);
    try (InputStream archive = tar.getInputStream()) {
      TarImporter.importTar(archive, image);
    }
    assertThat(tar.waitFor()).isZero();
    Command.run(directory, "fsck.erofs", image.toString());
    return image;
  }

  /** Returns the extended attributes that GNU tar finds, of each path that has any. */
  private static Map<String, String> xattrs(Path root) throws Exception {
    Map<String, String> xattrs = new TreeMap<>();
    Process tar = tar(root, "pax", List.of());
    TarReader reader = new TarReader(tar.getInputStream());
    for (var next = reader.next(); next.isPresent(); next = reader.next()) {
      TarEntry entry = next.get();
      entry
          .xattrs()
          .forEach((name, value) ->
              xattrs.put(entry.path() + ": " + name, HexFormat.of().formatHex(value)));
    }
    assertThat(tar.waitFor()).isZero();
    return xattrs;
  }

  private static Process tar(Path root, String format, List<String> options) throws IOException {
    List<String> command = new ArrayList<>(List.of("tar", "--create", "--format=" + format));
    command.addAll(List.of("--sort=name", "--directory=" + root));
    if (format.equals("pax")) {
      command.addAll(List.of("--xattrs", "--xattrs-include=*"));
    }
    command.addAll(options);
    command.add(".");
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }
}
