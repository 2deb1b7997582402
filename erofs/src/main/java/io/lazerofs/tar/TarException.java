package io.lazerofs.tar;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Says that a tar archive is damaged, ends early, or asks for something that is refused. */
public final class TarException extends IOException {
  private static final long serialVersionUID = 1L;
  private static final int SHOWN = 300;

  private final String entry;
  private final long offset;

  /**
   * @param entry path of the entry as a byte string, empty before the first one
   * @param offset position in the uncompressed archive, bytes
   * @param problem what is wrong, for people
   */
  public TarException(String entry, long offset, String problem) {
    super(
        (entry.isEmpty() ? "tar archive" : "tar entry " + printable(entry))
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

  /**
   * Returns a byte string as text that is safe in a line of a log: UTF-8 where it is that, control
   * characters escaped, cut when it is long.
   */
  public static String printable(String bytes) {
    String text = new String(bytes.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    StringBuilder shown = new StringBuilder();
    for (int i = 0; i < text.length() && i < SHOWN; i++) {
      char c = text.charAt(i);
      if (Character.isISOControl(c)) {
        shown.append(String.format("\\x%02x", (int) c));
      } else {
        shown.append(c);
      }
    }
    return text.length() > SHOWN ? shown + "…" : shown.toString();
  }
}
