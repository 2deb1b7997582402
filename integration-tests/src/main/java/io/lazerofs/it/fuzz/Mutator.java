package io.lazerofs.it.fuzz;

import io.lazerofs.erofs.disk.CompatibleFeatures;
import io.lazerofs.erofs.disk.Superblock;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Changes images: fields to values that are interesting, structures swapped or copied over each
 * other, bits and blocks anywhere, ends cut off. Kinds of structures come up equally often, however
 * many of a kind an image has.
 */
final class Mutator {
  private static final int MOST_CHANGES = 8;
  private static final int LONGEST_RUN = 16;
  private static final int[] SPLICES = {32, 512, 4096};

  private final Original original;
  private final Map<Field.Kind, List<Field>> fields;
  private final List<Field.Kind> kinds;

  Mutator(Original original) throws IOException {
    this.original = original;
    fields = StructureMap.of(original);
    kinds = List.copyOf(fields.keySet());
  }

  /** Returns what it changes copies of. */
  Original original() {
    return original;
  }

  /** Makes one to eight changes. */
  void change(Workpiece piece, Random random) {
    for (int i = 1 + random.nextInt(MOST_CHANGES); i > 0; i--) {
      switch (random.nextInt(20)) {
        case 0 -> flip(piece, random);
        case 1 -> overwrite(piece, random);
        case 2 -> splice(piece, random);
        case 3, 4 -> swap(piece, random);
        case 5 -> {
          if (random.nextInt(4) == 0) {
            cut(piece, random);
          }
        }
        default -> set(piece, random);
      }
    }
    if (random.nextInt(8) > 0) {
      seal(piece, random.nextBoolean());
    }
  }

  /** A checksum that does not fit would hide all other changes near the superblock. */
  private static void seal(Workpiece piece, boolean again) {
    byte[] image = piece.device(0);
    int bits = image[Superblock.OFFSET + 12];
    boolean possible =
        bits >= 9 && bits <= 16 && 2 << bits <= image.length && image.length > 4 * 1024;
    if (again && possible) {
      MemorySegment memory = MemorySegment.ofArray(image).asSlice(Superblock.OFFSET);
      int checksum = Superblock.checksum(memory, bits);
      piece.put(0, Superblock.OFFSET + 4, bytes(checksum, 4));
    } else {
      int flags = image[Superblock.OFFSET + 8] & ~CompatibleFeatures.CHECKSUM;
      piece.put(0, Superblock.OFFSET + 8, bytes(flags, 1));
    }
  }

  private Field any(Random random) {
    return any(kinds.get(random.nextInt(kinds.size())), random);
  }

  private Field any(Field.Kind kind, Random random) {
    List<Field> list = fields.getOrDefault(kind, List.of());
    return list.get(random.nextInt(list.size()));
  }

  private void set(Workpiece piece, Random random) {
    Field field = any(random);
    long old = value(piece.device(0), field.offset(), field.width());
    long value =
        switch (random.nextInt(12)) {
          case 0 -> 0;
          case 1 -> 1;
          case 2 -> -1;
          case 3 -> 1L << (field.width() * 8 - 1);
          case 4 -> (1L << (field.width() * 8 - 1)) - 1;
          case 5 -> old + 1;
          case 6 -> old - 1;
          case 7 -> old ^ (1L << random.nextInt(field.width() * 8));
          case 8 -> random.nextBoolean() ? old << 1 : old >>> 1;
          case 9 -> random.nextInt(piece.device(0).length);
          case 10 -> random.nextLong();
          default -> {
            Field other = any(field.kind(), random);
            yield value(piece.device(0), other.offset(), other.width());
          }
        };
    piece.put(0, field.offset(), bytes(value, field.width()));
  }

  private void swap(Workpiece piece, Random random) {
    Field one = any(random);
    Field two = any(one.kind(), random);
    if (one.recordSize() != two.recordSize()) {
      return;
    }
    byte[] image = piece.device(0);
    byte[] first = Arrays.copyOfRange(image, one.record(), one.record() + one.recordSize());
    byte[] second = Arrays.copyOfRange(image, two.record(), two.record() + two.recordSize());
    piece.put(0, one.record(), second);
    if (random.nextBoolean()) {
      piece.put(0, two.record(), first);
    }
  }

  private static void flip(Workpiece piece, Random random) {
    int device = random.nextInt(piece.count());
    int at = random.nextInt(piece.device(device).length);
    int flipped = piece.device(device)[at] ^ (1 << random.nextInt(8));
    piece.put(device, at, bytes(flipped, 1));
  }

  private static void overwrite(Workpiece piece, Random random) {
    int device = random.nextInt(piece.count());
    byte[] run = new byte[1 + random.nextInt(LONGEST_RUN)];
    switch (random.nextInt(3)) {
      case 0 -> Arrays.fill(run, (byte) 0xff);
      case 1 -> random.nextBytes(run);
      default -> {} // zeros
    }
    piece.put(device, random.nextInt(piece.device(device).length), run);
  }

  private static void splice(Workpiece piece, Random random) {
    byte[] image = piece.device(0);
    int size = SPLICES[random.nextInt(SPLICES.length)];
    int from = random.nextInt(image.length / size) * size;
    int to = random.nextInt(image.length / size) * size;
    piece.put(0, to, Arrays.copyOfRange(image, from, from + size));
  }

  private static void cut(Workpiece piece, Random random) {
    int device = random.nextInt(piece.count());
    int length = random.nextInt(piece.device(device).length);
    piece.cut(device, random.nextBoolean() ? length : length & -512);
  }

  private static long value(byte[] bytes, int at, int width) {
    long value = 0;
    for (int i = width - 1; i >= 0; i--) {
      value = (value << 8) | Byte.toUnsignedLong(bytes[at + i]);
    }
    return value;
  }

  private static byte[] bytes(long value, int width) {
    byte[] bytes = new byte[width];
    for (int i = 0; i < width; i++) {
      bytes[i] = (byte) (value >>> (8 * i));
    }
    return bytes;
  }
}
