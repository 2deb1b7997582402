package io.lazerofs.erofs.write;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A tar archive made by hand, header by header, so that tests can also make archives that no tool
 * would. Texts are byte strings.
 */
final class TarBytes {
  static final int MTIME = 1_700_000_000;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final List<Integer> boundaries = new ArrayList<>();

  TarBytes file(String path, String content) {
    return entry(path, '0', 0644, "", latin1(content));
  }

  TarBytes directory(String path, int mode) {
    return entry(path, '5', mode, "", new byte[0]);
  }

  TarBytes symlink(String path, String target) {
    return entry(path, '2', 0777, target, new byte[0]);
  }

  TarBytes hardLink(String path, String target) {
    return entry(path, '1', 0644, target, new byte[0]);
  }

  TarBytes device(String path, char type, int major, int minor) {
    byte[] header = header(path, type, 0600, "", 0);
    octal(header, 329, 8, major);
    octal(header, 337, 8, minor);
    return block(header);
  }

  TarBytes entry(String path, char type, int mode, String link, byte[] content) {
    boundaries.add(out.size());
    block(header(path, type, mode, link, content.length));
    return data(content);
  }

  /** Adds a pax header for the next entry: keywords and values in turns. */
  TarBytes pax(String... records) {
    return paxOfType('x', records);
  }

  TarBytes globalPax(String... records) {
    return paxOfType('g', records);
  }

  private TarBytes paxOfType(char type, String... records) {
    StringBuilder body = new StringBuilder();
    for (int i = 0; i < records.length; i += 2) {
      String tail = " " + records[i] + "=" + records[i + 1] + "\n";
      int length = tail.length() + 1;
      while ((length + "").length() + tail.length() != length) {
        length++;
      }
      body.append(length).append(tail);
    }
    return entry("pax", type, 0, "", latin1(body.toString()));
  }

  /** Adds a header block as it is, with a right checksum put in. */
  TarBytes block(byte[] header) {
    checksum(header);
    out.writeBytes(header);
    return this;
  }

  /** Adds content and pads it to a block. */
  TarBytes data(byte[] content) {
    out.writeBytes(content);
    out.writeBytes(new byte[-content.length & 511]);
    return this;
  }

  /** Returns the archive with its end marker. */
  byte[] end() {
    byte[] bytes = unfinished();
    byte[] all = new byte[bytes.length + 1024];
    System.arraycopy(bytes, 0, all, 0, bytes.length);
    return all;
  }

  byte[] unfinished() {
    return out.toByteArray();
  }

  /** Returns where entries begin, those of headers that belong to another entry among them. */
  List<Integer> boundaries() {
    return boundaries;
  }

  static byte[] header(String path, char type, int mode, String link, long size) {
    byte[] header = new byte[512];
    text(header, 0, path);
    octal(header, 100, 8, mode);
    octal(header, 108, 8, 0);
    octal(header, 116, 8, 0);
    octal(header, 124, 12, size);
    octal(header, 136, 12, MTIME);
    header[156] = (byte) type;
    text(header, 157, link);
    text(header, 257, "ustar\00000");
    return header;
  }

  static void text(byte[] header, int at, String text) {
    byte[] bytes = latin1(text);
    System.arraycopy(bytes, 0, header, at, bytes.length);
  }

  static void octal(byte[] header, int at, int length, long value) {
    String digits = Long.toOctalString(value);
    text(header, at, "0".repeat(length - 1 - digits.length()) + digits);
  }

  static void checksum(byte[] header) {
    text(header, 148, "        ");
    int sum = 0;
    for (byte b : header) {
      sum += Byte.toUnsignedInt(b);
    }
    octal(header, 148, 7, sum);
    header[154] = 0;
  }

  static byte[] latin1(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
