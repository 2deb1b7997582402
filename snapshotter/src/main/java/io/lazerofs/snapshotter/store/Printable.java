package io.lazerofs.snapshotter.store;

/**
 * Text from outside as a log or a message shows it: on one line, and not longer than a header of
 * gRPC can be. Keys and labels are anybody's choice.
 */
public final class Printable {
  /**
   * The most that is shown; gRPC's clients take 8 KiB of headers, and a character can take nine.
   */
  private static final int LONGEST = 600;

  private Printable() {}

  /** Returns the text with control characters as {@code \\uXXXX}, cut where it is too long. */
  public static String of(String text) {
    StringBuilder shown = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      if (shown.length() >= LONGEST) {
        return shown.append("… (%d characters)".formatted(text.length())).toString();
      }
      char c = text.charAt(i);
      if (Character.isISOControl(c) || c == '\u2028' || c == '\u2029') {
        shown.append("\\u%04x".formatted((int) c));
      } else {
        shown.append(c);
      }
    }
    return shown.toString();
  }
}
