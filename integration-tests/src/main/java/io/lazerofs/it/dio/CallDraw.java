package io.lazerofs.it.dio;

import io.lazerofs.it.dio.ReadCall.Piece;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Draws reads of some files, most of them at or near what borders on something. */
final class CallDraw {
  /** The longest read: more than the 1 MiB that a FUSE request holds at most, three times. */
  static final int LONGEST = 3_500_000;

  /** The most pieces of memory in a read. */
  static final int MOST_PIECES = 6;

  private static final int SECTOR = 512;
  private static final int PAGE = 4096;

  /** Files that several extents or requests fit in, of which half of the reads are. */
  private static final int LARGE = 16 << 10;

  /** The most that a request to a FUSE server carries, bytes. */
  private static final long REQUEST = 1 << 20;

  private static final int[] STEPS = {0, 0, 0, 1, 4, 100, 511, 512, 1024, 4095, 4096, 65536};
  private static final int[] LENGTHS = {
    0, 1, 100, 512, 512, 4096, 4096, 4096, 4196, 8192, 65536, 1 << 17, 1 << 20
  };
  private static final int[] SKEWS = {1, 4, 100, 511, 512, 513, 2048, 4095};

  private final List<TestFile> files;
  private final List<TestFile> large;

  CallDraw(List<TestFile> files) {
    this.files = files;
    List<TestFile> many = files.stream().filter(file -> file.size() >= LARGE).toList();
    this.large = many.isEmpty() ? files : many;
  }

  ReadCall draw(Random random) {
    TestFile file = one(random, random.nextBoolean() ? files : large);
    boolean direct = random.nextInt(3) != 0;
    int alignment = random.nextInt(10) < 7 ? random.nextInt(3) == 0 ? PAGE : SECTOR : 1;
    long offset = position(file, random) / alignment * alignment;
    long length = Math.ceilDiv(length(file, offset, random), alignment) * alignment;
    return new ReadCall(
        file,
        random.nextInt(4) == 0,
        direct,
        !direct && random.nextBoolean(),
        random.nextInt(50) == 0,
        offset,
        pieces((int) Math.min(length, LONGEST / PAGE * PAGE), random));
  }

  private static long position(TestFile file, Random random) {
    long base =
        switch (random.nextInt(8)) {
          case 0, 1 -> (long) (random.nextDouble() * (file.size() + PAGE));
          case 2 -> file.size() / REQUEST * REQUEST;
          case 3 -> file.size();
          default -> one(random, file.borders());
        };
    int step = STEPS[random.nextInt(STEPS.length)];
    return Math.max(0, random.nextBoolean() ? base + step : base - step);
  }

  private static long length(TestFile file, long offset, Random random) {
    if (random.nextBoolean()) {
      return LENGTHS[random.nextInt(LENGTHS.length)];
    }
    long other = position(file, random);
    return other > offset ? other - offset : offset - other;
  }

  private static List<Piece> pieces(int length, Random random) {
    int count = random.nextInt(3) == 0 ? 2 + random.nextInt(MOST_PIECES - 1) : 1;
    boolean aligned = random.nextInt(4) != 0;
    int[] cuts = new int[count + 1];
    for (int i = 1; i < count; i++) {
      int cut = random.nextInt(length + 1);
      cuts[i] = aligned ? cut / SECTOR * SECTOR : cut;
    }
    cuts[count] = length;
    Arrays.sort(cuts);
    List<Piece> pieces = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      pieces.add(new Piece(skew(aligned, random), cuts[i + 1] - cuts[i]));
    }
    return pieces;
  }

  private static int skew(boolean aligned, Random random) {
    if (aligned) {
      return random.nextInt(4) == 0 ? random.nextInt(PAGE / SECTOR) * SECTOR : 0;
    }
    return random.nextBoolean() ? SKEWS[random.nextInt(SKEWS.length)] : 0;
  }

  private static <T> T one(Random random, List<T> of) {
    return of.get(random.nextInt(of.size()));
  }
}
