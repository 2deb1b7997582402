package io.lazerofs.tar;

import io.lazerofs.files.Printable;
import java.io.IOException;

/** Says that a tar archive is damaged, ends early, or asks for something that is refused. */
public final class TarException extends IOException {
  private static final long serialVersionUID = 1L;

  private final String entry;
  private final long offset;

  /**
   * @param entry path of the entry as a byte string, empty before the first one
   * @param offset position in the uncompressed archive, bytes
   * @param problem what is wrong, for people
   */
  public TarException(String entry, long offset, String problem) {
    super(
        (entry.isEmpty() ? "tar archive" : "tar entry " + Printable.of(entry))
            + ", offset "
            + offset
            + ": "
            + problem);
    this.entry = entry;
    this.offset = offset;
  }

  /** As the other, with what the decompressor or the tree said. */
  public TarException(String entry, long offset, String problem, Throwable cause) {
    this(entry, offset, problem);
    initCause(cause);
  }

  /** Returns the path of the entry as a byte string, empty when there was none yet. */
  public String entry() {
    return entry;
  }

  /** Returns the position in the uncompressed archive, bytes. */
  public long offset() {
    return offset;
  }
}
