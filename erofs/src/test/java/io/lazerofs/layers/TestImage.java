package io.lazerofs.layers;

import io.lazerofs.erofs.DirectoryEntry;
import io.lazerofs.erofs.ErofsImage;
import io.lazerofs.erofs.Inode;
import io.lazerofs.erofs.write.DirectoryImporter;
import io.lazerofs.erofs.write.WriteOptions;
import io.lazerofs.source.TestSource;
import io.lazerofs.source.Waiting;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

/** An image of a directory's files, written for a test. */
final class TestImage {
  static final int BLOCK = 4096;

  private final Path directory;
  private final Path tree;

  /**
   * @param directory empty
   */
  TestImage(Path directory) throws IOException {
    this.directory = directory;
    tree = Files.createDirectory(directory.resolve("tree"));
  }

  TestImage with(String name, byte[] content) throws IOException {
    Files.write(tree.resolve(name), content);
    return this;
  }

  /** Writes the image; returns its bytes. */
  byte[] write(WriteOptions options) throws IOException {
    Path image = directory.resolve("image");
    DirectoryImporter.importDirectory(tree, image, options);
    return Files.readAllBytes(image);
  }

  static ErofsImage open(TestSource source) throws IOException {
    return Waiting.on(() -> ErofsImage.open(source, List.of()));
  }

  /** Returns the inode of a file in the root. */
  static Inode inode(ErofsImage image, String name) throws IOException {
    return Waiting.on(() -> {
      Inode root = image.inode(image.rootNid());
      DirectoryEntry entry =
          image.lookup(root, name.getBytes(StandardCharsets.UTF_8)).orElseThrow();
      return image.inode(entry.nid());
    });
  }

  /** Returns random bytes, of which every block is another one. */
  static byte[] random(int length, long seed) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  /** Returns pieces of a content in another order. */
  static byte[] shuffled(byte[] content, int pieceBytes, long seed) {
    Random random = new Random(seed);
    int pieces = content.length / pieceBytes;
    int[] order = random.ints(0, pieces).distinct().limit(pieces).toArray();
    byte[] shuffled = new byte[content.length];
    for (int i = 0; i < pieces; i++) {
      System.arraycopy(content, order[i] * pieceBytes, shuffled, i * pieceBytes, pieceBytes);
    }
    return shuffled;
  }
}
