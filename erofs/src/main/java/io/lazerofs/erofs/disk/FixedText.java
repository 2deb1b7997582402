package io.lazerofs.erofs.disk;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/**
 * Text in a field of fixed size, padded with NULs and without one when it fills the field. A byte
 * is a character (ISO 8859-1), so that any bytes survive a round trip.
 */
final class FixedText {
  private FixedText() {}

  static String decode(MemorySegment memory, long at, int size) {
    byte[] bytes = memory.asSlice(at, size).toArray(ValueLayout.JAVA_BYTE);
    int length = 0;
    while (length < size && bytes[length] != 0) {
      length++;
    }
    return new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
  }

  static void encode(String text, MemorySegment memory, long at, int size) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    if (bytes.length > size) {
      throw new IllegalArgumentException("longer than " + size + " bytes: " + text);
    }
    MemorySegment field = memory.asSlice(at, size).fill((byte) 0);
    MemorySegment.copy(bytes, 0, field, ValueLayout.JAVA_BYTE, 0, bytes.length);
  }
}
