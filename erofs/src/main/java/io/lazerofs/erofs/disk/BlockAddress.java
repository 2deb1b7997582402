package io.lazerofs.erofs.disk;

/** The addresses of blocks that stand for no block: all bits of the field set. */
public final class BlockAddress {

  /** A hole, in a field of 32 bits. */
  public static final long HOLE_32 = 0xffff_ffffL;

  /** A hole, in a field of 48 bits. */
  public static final long HOLE_48 = 0xffff_ffff_ffffL;

  private BlockAddress() {}

  /** Returns the address of which a record keeps the low 32 bits and the high 16 apart. */
  public static long of(int high, long low) {
    return (long) high << 32 | low;
  }
}
