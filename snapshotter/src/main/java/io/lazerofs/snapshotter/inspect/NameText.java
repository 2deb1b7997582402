package io.lazerofs.snapshotter.inspect;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Names and paths of images, which are bytes, as text that can be seen and read back. */
public final class NameText {
  private static final String ESCAPE = "\\x";
  private static final HexFormat HEX = HexFormat.of();

  private NameText() {}

  /** Returns the text for bytes. */
  public static String of(byte[] bytes) {
    StringBuilder text = new StringBuilder(bytes.length);
    for (int at = 0; at < bytes.length; ) {
      int length = Math.min(sequenceLength(bytes[at]), bytes.length - at);
      String character = new String(bytes, at, length, StandardCharsets.UTF_8);
      if (character.equals("\\")) {
        text.append("\\\\");
      } else if (isVisible(character)) {
        text.append(character);
      } else {
        length = 1;
        text.append(ESCAPE).append(HEX.toHexDigits(bytes[at]));
      }
      at += length;
    }
    return text.toString();
  }

  /** Returns the text for a byte string, which has one ISO 8859-1 character for each byte. */
  static String of(String bytes) {
    return of(bytes.getBytes(StandardCharsets.ISO_8859_1));
  }

  /**
   * Returns the bytes that a text stands for.
   *
   * @throws IllegalArgumentException when a backslash is followed by neither another one nor {@code
   *     x} and two hexadecimal digits
   */
  public static byte[] parse(String text) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int at = 0; at < text.length(); ) {
      if (text.charAt(at) != '\\') {
        int character = text.codePointAt(at);
        bytes.writeBytes(Character.toString(character).getBytes(StandardCharsets.UTF_8));
        at += Character.charCount(character);
      } else if (text.startsWith("\\\\", at)) {
        bytes.write('\\');
        at += 2;
      } else if (text.startsWith(ESCAPE, at) && at + 4 <= text.length()) {
        bytes.write(HexFormat.fromHexDigits(text, at + 2, at + 4));
        at += 4;
      } else {
        throw new IllegalArgumentException("a backslash is written \\\\, a byte \\xNN: " + text);
      }
    }
    return bytes.toByteArray();
  }

  /** Returns the number of bytes of the UTF-8 sequence that a byte begins. */
  private static int sequenceLength(byte first) {
    return Math.max(1, Integer.numberOfLeadingZeros(~(first << 24)));
  }

  /** Whether a text is one character, and one that leaves a mark or a space. */
  private static boolean isVisible(String text) {
    if (text.codePointCount(0, text.length()) != 1 || text.charAt(0) == '\uFFFD') {
      return false;
    }
    return switch (Character.getType(text.codePointAt(0))) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }
}
