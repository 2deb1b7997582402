package io.lazerofs.it.conformance;

import io.lazerofs.erofs.ErofsImage;
import io.lazerofs.erofs.write.DirectoryImporter;
import io.lazerofs.erofs.write.TarImporter;
import io.lazerofs.erofs.write.WriteOptions;
import io.lazerofs.it.tree.Differences;
import io.lazerofs.it.tree.FileFacts;
import io.lazerofs.it.tree.ImageTree;
import io.lazerofs.it.tree.MountedTree;
import io.lazerofs.it.tree.RawFiles;
import io.lazerofs.source.ByteSource;
import io.lazerofs.source.MappedSource;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One place to try seeds at, one after another: two loop devices, a mount point, and a file system
 * in memory to make trees in. Needs root. Used by one thread at a time.
 */
public final class Stand implements AutoCloseable {
  private static final long LARGEST_IMAGE = 256 << 20;
  private static final long READ_ONLY = 1;
  private static final int LONGEST_NAME = 255;

  /** Version 1.5 fails on names that are longer. */
  private static final int LONGEST_NAME_OF_MKFS = 254;

  private final Path directory;
  private final Path image;
  private final Path blob;
  private final Path trees;
  private final Path mountPoint;
  private final LoopDevice loop;
  private final LoopDevice blobLoop;

  private Stand(Path directory) throws IOException, InterruptedException {
    this.directory = directory;
    this.image = directory.resolve("image");
    this.blob = directory.resolve("blob");
    this.trees = Files.createDirectory(directory.resolve("tree"));
    this.mountPoint = Files.createDirectory(directory.resolve("mount"));
    this.loop = LoopDevice.attach(directory.resolve("loop"), LARGEST_IMAGE);
    this.blobLoop = LoopDevice.attach(directory.resolve("blob-loop"), LARGEST_IMAGE);
  }

  /** Sets up a stand in an empty directory, which is on a disk. */
  public static Stand open(Path directory) throws IOException, InterruptedException {
    return new Stand(directory);
  }

  /**
   * Makes a tree and an image of it, and holds all that can be told of them against each other: our
   * writer for even seeds, mkfs.erofs for odd ones.
   *
   * @throws Disagreement when two of them differ, or when one of them fails
   */
  public void check(long seed) throws Disagreement, InterruptedException {
    Random random = new Random(seed);
    // Its first numbers are much the same for neighbouring seeds.
    random.nextLong();
    List<String> means = new ArrayList<>();
    try {
      if (seed % 2 == 0) {
        checkWriter(random, means);
      } else {
        checkReader(random, means);
      }
    } catch (Disagreement e) {
      throw new Disagreement("seed " + seed + ", " + means + ": " + e.getMessage(), e);
    } catch (IOException | RuntimeException | AssertionError e) {
      throw new Disagreement("seed " + seed + ", " + means + ": " + e, e);
    }
  }

  private void checkWriter(Random random, List<String> means)
      throws IOException, Disagreement, InterruptedException {
    WriteOptions options = WriterOptions.draw(random);
    boolean archive = random.nextBoolean();
    means.add("our writer from " + (archive ? "an archive" : "a directory"));
    means.add(options.toString());
    List<TreeFile> tree = RandomTree.of(random, !archive, LONGEST_NAME);
    if (archive) {
      TarImporter.importTar(new ByteArrayInputStream(TarStream.of(tree)), image, options);
    } else {
      made(tree, () -> DirectoryImporter.importDirectory(trees, image, options));
    }
    SortedMap<String, FileFacts> mounted = mounted(false);
    compare("the tree and the kernel's mount", Trees.facts(tree), withoutData(mounted));
    compare("the kernel's mount and our reader", mounted, read(false));
  }

  private void checkReader(Random random, List<String> means)
      throws IOException, Disagreement, InterruptedException {
    MkfsOptions.Drawn options = MkfsOptions.draw(random, directory);
    means.add("mkfs.erofs " + String.join(" ", options.arguments()));
    List<String> command = new ArrayList<>(List.of("mkfs.erofs", "--quiet"));
    command.addAll(options.arguments());
    command.add(image.toString());
    command.add(trees.toString());
    Files.deleteIfExists(image);
    Files.deleteIfExists(blob);
    made(
        RandomTree.of(random, true, LONGEST_NAME_OF_MKFS),
        () -> Program.run(command.toArray(String[]::new)));
    compare("the kernel's mount and our reader", mounted(options.blob()), read(options.blob()));
  }

  /** Something that is done with a tree. */
  private interface Use {
    Object run() throws IOException, InterruptedException;
  }

  /** Does something while a tree is there to be read. */
  private void made(List<TreeFile> tree, Use use) throws IOException, InterruptedException {
    RawFiles.mount("tmpfs", trees.toString(), "tmpfs", 0, "size=256m");
    try {
      Trees.make(tree, trees.toString());
      use.run();
    } finally {
      RawFiles.unmount(trees.toString());
    }
  }

  private SortedMap<String, FileFacts> mounted(boolean withBlob) throws IOException {
    loop.put(Files.readAllBytes(image));
    String devices = "";
    if (withBlob) {
      blobLoop.put(Files.readAllBytes(blob));
      devices = "device=" + blobLoop.path();
    }
    RawFiles.mount(loop.path(), mountPoint.toString(), "erofs", READ_ONLY, devices);
    try {
      return MountedTree.list(mountPoint.toString());
    } finally {
      RawFiles.unmount(mountPoint.toString());
    }
  }

  private SortedMap<String, FileFacts> read(boolean withBlob) throws IOException {
    List<ByteSource> devices = new ArrayList<>();
    try (MappedSource primary = MappedSource.open(image)) {
      if (withBlob) {
        devices.add(MappedSource.open(blob));
      }
      return ImageTree.list(ErofsImage.open(primary, devices));
    } finally {
      for (ByteSource device : devices) {
        device.close();
      }
    }
  }

  private static SortedMap<String, FileFacts> withoutData(SortedMap<String, FileFacts> facts) {
    SortedMap<String, FileFacts> without = new TreeMap<>(facts);
    without.replaceAll((path, file) -> file.withoutData());
    return without;
  }

  private static void compare(
      String what, SortedMap<String, FileFacts> expected, SortedMap<String, FileFacts> actual)
      throws Disagreement {
    List<String> differences = Differences.between(expected, actual);
    if (!differences.isEmpty()) {
      throw new Disagreement(what + " differ:\n  " + String.join("\n  ", differences));
    }
  }

  @Override
  public void close() throws IOException, InterruptedException {
    loop.close();
    blobLoop.close();
    Files.deleteIfExists(image);
    Files.deleteIfExists(blob);
    Files.deleteIfExists(directory.resolve("hints"));
    Files.delete(trees);
    Files.delete(mountPoint);
  }
}
