package io.lazerofs.fetcher.registry;

/**
 * The most that documents of a registry may hold. What has more was made to do harm, or cannot be
 * used: it is refused before anything is allocated or asked for on its behalf.
 */
final class Limits {
  /**
   * Layers of an image: overlayfs stacks no more directories (fs/overlayfs/params.h,
   * OVL_MAX_STACK).
   */
  static final int LAYERS = 500;

  /** Manifests of an index. */
  static final int MANIFESTS = 4096;

  /** Annotations of a manifest or of a descriptor. */
  static final int ANNOTATIONS = 1024;

  /** Artifacts of one type that refer to one image. */
  static final int REFERRERS = 1024;

  /** Objects and arrays within each other; an image's documents need 5. */
  static final int NESTING = 64;

  /** Characters of a number; a long has 19 digits. */
  static final int NUMBER_CHARACTERS = 64;

  /** The largest size of content in bytes: what every JSON reader takes for the same number. */
  static final long SIZE = (1L << 53) - 1;

  private Limits() {}
}
