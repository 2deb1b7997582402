package io.lazerofs.erofs;

import static org.assertj.core.api.Assertions.assertThatCode;

import io.lazerofs.erofs.disk.Superblock;
import io.lazerofs.source.ByteSource;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever the bytes of an image are, walking it ends, and with nothing worse than exceptions. */
class MutationTest {
  private static final int ROUNDS = 600;
  private static final int MAX_READ = 8 * 1024;

  @ParameterizedTest
  @ValueSource(strings = {"plain", "block-512", "tar-index", "xattr-prefix", "48bit"})
  void damagedImagesEndInErofsExceptionsOnly(String name) throws IOException {
    Fixture fixture = Fixture.named(name);
    byte[] original = fixture.imageBytes();
    List<ByteSource> devices = new ArrayList<>();
    for (byte[] device : fixture.deviceBytes()) {
      devices.add(new ArraySource(device, true));
    }
    List<Integer> places = places(original, devices);
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    byte[] bytes = original.clone();
    Assertions.assertTimeout(
        Duration.ofMinutes(2),
        () -> {
          for (int round = 0; round < ROUNDS; round++) {
            Set<Integer> changed = damage(bytes, places, random);
            assertThatCode(() -> walk(new ArraySource(bytes, true), devices))
                .as("seed %d, round %d, bytes %s", seed, round, changed)
                .doesNotThrowAnyException();
            for (int at : changed) {
              bytes[at] = original[at];
            }
          }
        });
  }

  /** The superblock and the records of inodes, xattrs and directories, where damage tells most. */
  private static List<Integer> places(byte[] image, List<ByteSource> devices) throws IOException {
    ErofsImage opened = ErofsImage.open(new ArraySource(image, true), devices);
    List<Integer> places = new ArrayList<>();
    for (int at = 0; at < 144; at++) {
      places.add(Superblock.OFFSET + at);
    }
    for (Inode inode : Trees.walk(opened).values()) {
      int start = (int) (inode.xattrOffset() & -64L);
      for (int at = start; at < inode.end() + 64 && at < image.length; at++) {
        places.add(at);
      }
      if (inode.isDirectory() && opened.extent(inode, 0) instanceof Extent.Plain plain) {
        for (int at = 0; at < 512; at++) {
          places.add((int) plain.physical() + at);
        }
      }
    }
    return places;
  }

  private static Set<Integer> damage(byte[] bytes, List<Integer> places, Random random) {
    Set<Integer> changed = new HashSet<>();
    // The checksum would hide all damage to the superblock, so it is off.
    bytes[Superblock.OFFSET + 8] &= (byte) ~1;
    changed.add(Superblock.OFFSET + 8);
    for (int i = 1 + random.nextInt(8); i > 0; i--) {
      int at = places.get(random.nextInt(places.size()));
      bytes[at] =
          switch (random.nextInt(4)) {
            case 0 -> 0;
            case 1 -> (byte) 0xff;
            case 2 -> (byte) (bytes[at] ^ 1 << random.nextInt(8));
            default -> (byte) random.nextInt();
          };
      changed.add(at);
    }
    return changed;
  }

  private static void walk(ByteSource primary, List<ByteSource> devices) throws IOException {
    ErofsImage image;
    try {
      image = ErofsImage.open(primary, devices);
    } catch (ErofsException e) {
      return;
    }
    Set<Long> seen = new HashSet<>();
    Deque<Long> nids = new ArrayDeque<>(List.of(image.rootNid()));
    while (!nids.isEmpty()) {
      long nid = nids.remove();
      if (seen.add(nid)) {
        visit(image, nid, nids);
      }
    }
  }

  private static void visit(ErofsImage image, long nid, Deque<Long> nids) throws IOException {
    try {
      Inode inode = image.inode(nid);
      for (byte[] name : orEmpty(() -> image.xattrNames(inode))) {
        ignoring(() -> image.xattr(inode, name));
      }
      switch (inode.type()) {
        case DIRECTORY -> {
          image.lookup(inode, ListedFile.bytes("d5"));
          image.list(
              inode,
              0,
              (name, child, type, next) -> {
                nids.add(child);
                return true;
              });
        }
        case SYMLINK -> image.readLink(inode);
        case REGULAR -> {
          byte[] buffer = new byte[MAX_READ];
          image.read(inode, 0, MemorySegment.ofArray(buffer));
          image.read(inode, Math.max(0, inode.size() - 5000), MemorySegment.ofArray(buffer));
        }
        default -> {}
      }
    } catch (ErofsException e) {
      // Expected here; the walk goes on with the next inode.
    }
  }

  private interface Reading<T> {
    T read() throws IOException;
  }

  private static List<byte[]> orEmpty(Reading<List<byte[]>> reading) throws IOException {
    try {
      return reading.read();
    } catch (ErofsException e) {
      return List.of();
    }
  }

  private static void ignoring(Reading<?> reading) throws IOException {
    try {
      reading.read();
    } catch (ErofsException e) {
      // Expected here.
    }
  }
}
