package io.lazerofs.files;

import java.nio.charset.StandardCharsets;

/**
 * Bytes that name something, as text that is safe in one line of a log: UTF-8 where they are that,
 * control characters escaped, cut when it is long.
 */
public final class Printable {
  private static final int SHOWN = 300;

  private Printable() {}

  /** Returns the text for bytes. */
  public static String of(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
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

  /** Returns the text for a byte string, which has one ISO 8859-1 character for each byte. */
  public static String of(String bytes) {
    return of(bytes.getBytes(StandardCharsets.ISO_8859_1));
  }
}
