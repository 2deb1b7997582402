package io.lazerofs.erofs.disk;

/**
 * The filter of an inode's xattr names: 32 bits, one for each value of a hash. It is stored
 * inverted, so that 0, as older tools write, promises nothing.
 *
 * <p>The hash is the low five bits of XXH32 over the name without its {@link XattrPrefix}, seeded
 * with {@link #SEED} plus the prefix's index (kernel: fs/erofs/xattr.c; XXH32:
 * https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md).
 */
public final class XattrNameFilter {

  /** A stored filter that lets every name through. */
  public static final int ALL_POSSIBLE = 0;

  private static final int SEED = 0x25BBE08F;

  private static final int PRIME_1 = 0x9E3779B1;
  private static final int PRIME_2 = 0x85EBCA77;
  private static final int PRIME_3 = 0xC2B2AE3D;
  private static final int PRIME_4 = 0x27D4EB2F;
  private static final int PRIME_5 = 0x165667B1;
  private static final int STRIPE = 16;

  private XattrNameFilter() {}

  /**
   * Returns the bit, one of 32, that stands for a name.
   *
   * @param name the full name, beginning with {@code prefix}
   */
  public static int bit(XattrPrefix prefix, byte[] name) {
    return 1 << xxh32(name, prefix.length(), SEED + prefix.index());
  }

  /** Whether a stored filter says that no name with this bit is there. */
  public static boolean excludes(int stored, int bit) {
    return (stored & bit) != 0;
  }

  /** Returns the XXH32 of {@code bytes} from {@code start} to their end. */
  static int xxh32(byte[] bytes, int start, int seed) {
    int at = start;
    int hash;
    if (bytes.length - start >= STRIPE) {
      int a = seed + PRIME_1 + PRIME_2;
      int b = seed + PRIME_2;
      int c = seed;
      int d = seed - PRIME_1;
      for (; bytes.length - at >= STRIPE; at += STRIPE) {
        a = round(a, word(bytes, at));
        b = round(b, word(bytes, at + 4));
        c = round(c, word(bytes, at + 8));
        d = round(d, word(bytes, at + 12));
      }
      hash =
          Integer.rotateLeft(a, 1)
              + Integer.rotateLeft(b, 7)
              + Integer.rotateLeft(c, 12)
              + Integer.rotateLeft(d, 18);
    } else {
      hash = seed + PRIME_5;
    }
    hash += bytes.length - start;
    for (; bytes.length - at >= Integer.BYTES; at += Integer.BYTES) {
      hash = Integer.rotateLeft(hash + word(bytes, at) * PRIME_3, 17) * PRIME_4;
    }
    for (; at < bytes.length; at++) {
      hash = Integer.rotateLeft(hash + Byte.toUnsignedInt(bytes[at]) * PRIME_5, 11) * PRIME_1;
    }
    return avalanche(hash);
  }

  private static int round(int accumulator, int word) {
    return Integer.rotateLeft(accumulator + word * PRIME_2, 13) * PRIME_1;
  }

  private static int avalanche(int hash) {
    int mixed = (hash ^ hash >>> 15) * PRIME_2;
    mixed = (mixed ^ mixed >>> 13) * PRIME_3;
    return mixed ^ mixed >>> 16;
  }

  private static int word(byte[] bytes, int at) {
    return Byte.toUnsignedInt(bytes[at])
        | Byte.toUnsignedInt(bytes[at + 1]) << 8
        | Byte.toUnsignedInt(bytes[at + 2]) << 16
        | Byte.toUnsignedInt(bytes[at + 3]) << 24;
  }
}
