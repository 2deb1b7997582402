package io.lazerofs.snapshotter.mount;

/** Why a remote layer is left to containerd to download and unpack. */
public enum Fallback {
  /** The blob is no EROFS image; ordinary layers are tar archives. */
  NOT_EROFS("not-erofs"),
  /** The registry gives the blob to nobody, or not to this daemon. */
  REFUSED("refused"),
  /** The digest or the name of the image is of a kind that lazerofs does not fetch by. */
  UNSUPPORTED_NAME("unsupported-name"),
  /** The blob is an EROFS image without a hash tree, and the configuration requires one. */
  UNVERIFIED("unverified"),
  /** The labels name a hash tree that cannot be that of the blob. */
  BAD_VERITY("bad-verity"),
  /** Another image has the blob with another hash tree, or one of the two has it without. */
  OTHER_VERITY("other-verity"),
  /** containerd asks for the layer without its parent, and would never give it one. */
  WITHOUT_PARENT("without-parent");

  private final String word;

  Fallback(String word) {
    this.word = word;
  }

  /** Returns the reason as it is shown in statistics. */
  public String word() {
    return word;
  }
}
