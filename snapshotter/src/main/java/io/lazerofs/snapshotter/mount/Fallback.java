package io.lazerofs.snapshotter.mount;

/** Why a remote layer is left to containerd to download and unpack. */
public enum Fallback {
  /** The blob is no EROFS image; ordinary layers are tar archives. */
  NOT_EROFS("not-erofs"),
  /** The registry gives the blob to nobody, or not to this daemon. */
  REFUSED("refused"),
  /** The digest or the name of the image is of a kind that lazerofs does not fetch by. */
  UNSUPPORTED_NAME("unsupported-name");

  private final String word;

  Fallback(String word) {
    this.word = word;
  }

  /** Returns the reason as it is shown in statistics. */
  public String word() {
    return word;
  }
}
