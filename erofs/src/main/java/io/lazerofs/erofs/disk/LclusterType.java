package io.lazerofs.erofs.disk;

/** What begins in a logical cluster; the constants stand in the order of their codes. */
public enum LclusterType {
  /** A pcluster that is stored as it is. */
  PLAIN,
  /** A pcluster of the first algorithm. */
  HEAD1,
  /** None: the cluster wholly belongs to a pcluster that begins before it. */
  NONHEAD,
  /** A pcluster of the second algorithm. */
  HEAD2;

  /** Number of bits that a code takes. */
  public static final int BITS = 2;

  private static final LclusterType[] BY_CODE = values();

  /** Returns the number that stands for this type in an index. */
  public int code() {
    return ordinal();
  }

  /** Returns the type of a code of {@link #BITS} bits. */
  public static LclusterType ofCode(int code) {
    return BY_CODE[code];
  }
}
