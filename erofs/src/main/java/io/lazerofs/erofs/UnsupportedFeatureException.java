package io.lazerofs.erofs;

/** Says that an image, or one inode of it, uses a feature that this reader does not have. */
public final class UnsupportedFeatureException extends ErofsException {
  private static final long serialVersionUID = 1L;

  private final String name;
  private final long bits;

  /**
   * @param name the feature as the kernel and erofs-utils call it
   * @param bits the value or bits that ask for it
   */
  public UnsupportedFeatureException(String name, long bits) {
    super("unsupported EROFS feature: %s (0x%x)".formatted(name, bits));
    this.name = name;
    this.bits = bits;
  }

  /** Returns the feature as the kernel and erofs-utils call it. */
  public String name() {
    return name;
  }

  /** Returns the value or bits that ask for it. */
  public long bits() {
    return bits;
  }
}
