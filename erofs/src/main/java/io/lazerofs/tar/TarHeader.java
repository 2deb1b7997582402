package io.lazerofs.tar;

import java.nio.charset.StandardCharsets;

/**
 * A header block: 512 bytes of text fields and numbers at fixed places.
 *
 * <pre>{@code
 * 0    100  108 116 124  136   148 156 157  257   265 297 329   337   345    500
 * name mode uid gid size mtime sum type link magic ... ... major minor prefix
 * }</pre>
 *
 * Numbers are octal digits, or base-256 (two's complement, big-endian) when the first bit of the
 * field is set.
 */
final class TarHeader {
  private static final int SUM_AT = 148;
  private static final int SUM_LENGTH = 8;
  private static final String USTAR = "ustar\0";
  private static final String GNU = "ustar ";

  private final byte[] block;
  private final TarInput input;

  private TarHeader(byte[] block, TarInput input) {
    this.block = block;
    this.input = input;
  }

  /**
   * Returns the header in a block.
   *
   * @param block 512 bytes, kept
   * @throws TarException when the checksum does not match
   */
  static TarHeader checked(byte[] block, TarInput input) throws TarException {
    TarHeader header = new TarHeader(block, input);
    header.checkSum();
    return header;
  }

  /** Returns a block that continues a header and has no checksum of its own. */
  static TarHeader unchecked(byte[] block, TarInput input) {
    return new TarHeader(block, input);
  }

  /** Returns the path, joined of prefix and name where the format has both. */
  String name() {
    String name = text(0, 100);
    String prefix = isPosix() ? text(345, isStar() ? 131 : 155) : "";
    return prefix.isEmpty() ? name : prefix + "/" + name;
  }

  String linkName() {
    return text(157, 100);
  }

  char type() {
    return (char) Byte.toUnsignedInt(block[156]);
  }

  int permissions() throws TarException {
    return (int) (number("mode", 100, 8) & 07777);
  }

  long uid() throws TarException {
    return number("uid", 108, 8);
  }

  long gid() throws TarException {
    return number("gid", 116, 8);
  }

  long size() throws TarException {
    return number("size", 124, 12);
  }

  Timestamp modified() throws TarException {
    return new Timestamp(number("mtime", 136, 12), 0);
  }

  long major() throws TarException {
    return isUstar() ? number("devmajor", 329, 8) : 0;
  }

  long minor() throws TarException {
    return isUstar() ? number("devminor", 337, 8) : 0;
  }

  /** Returns the number in a field, 0 for an empty one. */
  long number(String field, int start, int length) throws TarException {
    return (block[start] & 0x80) != 0 ? binary(field, start, length) : octal(field, start, length);
  }

  /** Whether the field at {@code start} holds nothing. */
  boolean isBlank(int start) {
    return block[start] == 0;
  }

  private boolean isPosix() {
    return raw(257, 6).equals(USTAR);
  }

  private boolean isUstar() {
    return isPosix() || raw(257, 6).equals(GNU);
  }

  private boolean isStar() {
    return raw(508, 4).equals("tar\0");
  }

  private String text(int start, int length) {
    String raw = raw(start, length);
    int end = raw.indexOf('\0');
    return end < 0 ? raw : raw.substring(0, end);
  }

  private String raw(int start, int length) {
    return new String(block, start, length, StandardCharsets.ISO_8859_1);
  }

  private long octal(String field, int start, int length) throws TarException {
    String digits = text(start, length).strip();
    long value = 0;
    for (int i = 0; i < digits.length(); i++) {
      int digit = digits.charAt(i) - '0';
      if (digit < 0 || digit > 7) {
        throw input.failure("the field " + field + " of the header is no octal number");
      }
      value = value << 3 | digit;
    }
    return value;
  }

  private long binary(String field, int start, int length) throws TarException {
    // The first bit only marks the form; the second is the sign.
    long value = (block[start] & 0x40) != 0 ? -1 : 0;
    value = value << 6 | (block[start] & 0x3f);
    for (int i = start + 1; i < start + length; i++) {
      if (value > Long.MAX_VALUE >> 8 || value < Long.MIN_VALUE >> 8) {
        throw input.failure("the field " + field + " of the header is over 64 bits");
      }
      value = value << 8 | Byte.toUnsignedInt(block[i]);
    }
    return value;
  }

  /** The sum counts its own field as spaces; some old writers added signed bytes. */
  private void checkSum() throws TarException {
    long unsigned = 0;
    long signed = 0;
    for (int i = 0; i < block.length; i++) {
      byte value = i >= SUM_AT && i < SUM_AT + SUM_LENGTH ? (byte) ' ' : block[i];
      unsigned += Byte.toUnsignedInt(value);
      signed += value;
    }
    long stored = octal("checksum", SUM_AT, SUM_LENGTH);
    if (stored != unsigned && stored != signed) {
      throw input.failure(
          "no tar header here: its checksum is " + stored + ", its bytes add up to " + unsigned);
    }
  }
}
