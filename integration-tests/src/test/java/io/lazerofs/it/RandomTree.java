package io.lazerofs.it;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A tree of files of all types with arbitrary attributes, the same for the same seed. Needs root.
 */
final class RandomTree {
  private static final String LETTERS = "abcXYZ019 !-.,~'\"\\\t\n%=";

  private final Random random;
  private final List<Path> files = new ArrayList<>();
  private int serial;

  RandomTree(Random random) {
    this.random = random;
  }

  void make(Path root) throws IOException, InterruptedException {
    Files.createDirectory(root);
    List<Path> directories = new ArrayList<>(List.of(root));
    int count = 20 + random.nextInt(120);
    for (int i = 0; i < count; i++) {
      Path path = directories.get(random.nextInt(directories.size())).resolve(name());
      switch (random.nextInt(10)) {
        case 0, 1 -> directories.add(Files.createDirectory(path));
        case 2 -> Files.createSymbolicLink(path, Path.of("t".repeat(1 + random.nextInt(3000))));
        case 3 -> link(path);
        case 4 -> Command.run(root, "mkfifo", path.toString());
        case 5 ->
            Command.run(root, "mknod", path + "", "c", "" + (1 + random.nextInt(4000)), "300");
        case 6 -> sparse(path);
        default -> file(path);
      }
    }
    for (Path path : directories.reversed()) {
      attributes(path);
    }
  }

  private void link(Path path) throws IOException {
    if (!files.isEmpty()) {
      Files.createLink(path, files.get(random.nextInt(files.size())));
    }
  }

  private void file(Path path) throws IOException {
    byte[] content = new byte[random.nextInt(4) * random.nextInt(6000)];
    random.nextBytes(content);
    Files.write(path, content);
    attributes(path);
    files.add(path);
  }

  private void sparse(Path path) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      for (int i = random.nextInt(8); i > 0; i--) {
        file.seek((long) random.nextInt(1 << 16) << random.nextInt(10));
        file.write(new byte[] {1, 2, 3});
      }
      file.setLength(file.length() + random.nextInt(1 << 20));
    }
    attributes(path);
    files.add(path);
  }

  private void attributes(Path path) throws IOException {
    UserDefinedFileAttributeView xattrs =
        Files.getFileAttributeView(path, UserDefinedFileAttributeView.class);
    for (int i = random.nextInt(4); i > 0; i--) {
      byte[] value = new byte[random.nextInt(300)];
      random.nextBytes(value);
      xattrs.write("name" + random.nextInt(100), ByteBuffer.wrap(value));
    }
    Files.setAttribute(path, "unix:uid", random.nextInt(200_000), LinkOption.NOFOLLOW_LINKS);
    Files.setAttribute(path, "unix:gid", random.nextInt(70_000), LinkOption.NOFOLLOW_LINKS);
    Files.setAttribute(path, "unix:mode", random.nextInt(010000), LinkOption.NOFOLLOW_LINKS);
    Instant time =
        Instant.ofEpochSecond(random.nextInt(Integer.MAX_VALUE), random.nextInt(1 << 29));
    Files.setLastModifiedTime(path, FileTime.from(time));
  }

  private String name() {
    StringBuilder name = new StringBuilder("" + serial++);
    for (int i = random.nextInt(random.nextInt(20) == 0 ? 240 : 20); i > 0; i--) {
      name.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
    }
    return random.nextBoolean() ? name.toString() : name.reverse().append('_').toString();
  }
}
