package io.lazerofs.tar;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The records of a pax extended header: {@code "%d %s=%s\n"}, length, keyword and value. An empty
 * value takes back what an earlier header said, but for extended attributes, whose values may well
 * be empty: GNU tar writes and restores such.
 *
 * <p>Sparse files of pax format 0.0 repeat two keywords for each range, in an order that matters;
 * they are gathered here into the one record {@link #SPARSE_MAP} of format 0.1.
 */
final class PaxRecords {
  static final String SPARSE_MAP = "GNU.sparse.map";

  private static final String SCHILY_XATTR = "SCHILY.xattr.";
  private static final String LIBARCHIVE_XATTR = "LIBARCHIVE.xattr.";

  private final Map<String, String> values;

  private PaxRecords(Map<String, String> values) {
    this.values = values;
  }

  static PaxRecords none() {
    return new PaxRecords(Map.of());
  }

  /** Returns these records with those of a later header over them. */
  PaxRecords and(byte[] header, TarInput input) throws TarException {
    Map<String, String> merged = new HashMap<>(values);
    StringBuilder sparse = new StringBuilder();
    for (int start = 0; start < header.length; ) {
      int space = indexOf(header, ' ', start, Math.min(header.length, start + 10));
      int end = space < 0 ? -1 : start + length(header, start, space);
      int equals = end > header.length || end <= space ? -1 : indexOf(header, '=', space, end);
      if (equals < 0 || header[end - 1] != '\n') {
        throw input.failure("a pax header is damaged, at its byte " + start);
      }
      String key = text(header, space + 1, equals);
      String value = text(header, equals + 1, end - 1);
      switch (key) {
        case "GNU.sparse.offset", "GNU.sparse.numbytes" -> sparse.append(value).append(',');
        default -> merged.put(key, value);
      }
      start = end;
    }
    if (!sparse.isEmpty()) {
      merged.put(SPARSE_MAP, sparse.substring(0, sparse.length() - 1));
    }
    merged.entrySet().removeIf(record -> record.getValue().isEmpty() && !isXattr(record.getKey()));
    return new PaxRecords(merged);
  }

  /** Returns these records, and those of {@code global} that they say nothing about. */
  PaxRecords over(PaxRecords global) {
    if (global.values.isEmpty()) {
      return this;
    }
    Map<String, String> merged = new HashMap<>(global.values);
    merged.putAll(values);
    return new PaxRecords(merged);
  }

  Optional<String> text(String key) {
    return Optional.ofNullable(values.get(key));
  }

  /** Returns a decimal number, or {@code otherwise} where there is no such record. */
  long number(String key, long otherwise, TarInput input) throws TarException {
    String value = values.get(key);
    if (value == null) {
      return otherwise;
    }
    try {
      return Long.parseLong(value);
    } catch (NumberFormatException e) {
      throw input.failure("the pax record " + key + " is no number");
    }
  }

  Timestamp time(String key, Timestamp otherwise, TarInput input) throws TarException {
    String value = values.get(key);
    if (value == null) {
      return otherwise;
    }
    try {
      return Timestamp.parse(value);
    } catch (NumberFormatException e) {
      throw input.failure("the pax record " + key + " is no time");
    }
  }

  /** Returns the extended attributes; where both forms name one, the unencoded form counts. */
  SortedMap<String, byte[]> xattrs(TarInput input) throws TarException {
    SortedMap<String, byte[]> xattrs = new TreeMap<>();
    for (Map.Entry<String, String> record : values.entrySet()) {
      String key = record.getKey();
      if (key.startsWith(SCHILY_XATTR)) {
        xattrs.put(key.substring(SCHILY_XATTR.length()), bytes(record.getValue()));
      } else if (key.startsWith(LIBARCHIVE_XATTR)) {
        String name = unescaped(key.substring(LIBARCHIVE_XATTR.length()), input);
        if (!values.containsKey(SCHILY_XATTR + name)) {
          xattrs.put(name, base64(record.getValue(), input));
        }
      }
    }
    return xattrs;
  }

  private static boolean isXattr(String key) {
    return key.startsWith(SCHILY_XATTR) || key.startsWith(LIBARCHIVE_XATTR);
  }

  private static int length(byte[] header, int start, int end) {
    int length = 0;
    for (int i = start; i < end; i++) {
      if (header[i] < '0' || header[i] > '9') {
        return -1;
      }
      length = length * 10 + header[i] - '0';
    }
    return length;
  }

  private static int indexOf(byte[] bytes, char wanted, int start, int end) {
    for (int i = start; i < end; i++) {
      if (bytes[i] == wanted) {
        return i;
      }
    }
    return -1;
  }

  private static String text(byte[] bytes, int start, int end) {
    return new String(bytes, start, end - start, StandardCharsets.ISO_8859_1);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static byte[] base64(String text, TarInput input) throws TarException {
    try {
      // The padding at the end is optional, and libarchive leaves it out.
      return Base64.getDecoder().decode(bytes(text));
    } catch (IllegalArgumentException e) {
      throw input.failure("an extended attribute is no base64: " + e.getMessage());
    }
  }

  /** Returns {@code text} with each {@code %XX} turned into its byte. */
  private static String unescaped(String text, TarInput input) throws TarException {
    StringBuilder name = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '%') {
        if (i + 2 >= text.length()
            || Character.digit(text.charAt(i + 1), 16) < 0
            || Character.digit(text.charAt(i + 2), 16) < 0) {
          throw input.failure("the name of an extended attribute is damaged");
        }
        c = (char) Integer.parseInt(text, i + 1, i + 3, 16);
        i += 2;
      }
      name.append(c);
    }
    return name.toString();
  }
}
