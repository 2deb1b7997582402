package io.lazerofs.it.tree;

import io.lazerofs.erofs.disk.FileType;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.SortedMap;

/**
 * Everything that can be told of a path. Fields that do not apply have the same value in all.
 *
 * @param links number of links
 * @param first the first of all paths, in the order of bytes, that are this very file
 * @param size bytes of a regular file, 0 for others
 * @param content SHA-256 of a regular file, target of a symbolic link, "major:minor" of a device
 * @param data where a regular file is not a hole: "from-to" in bytes, by spaces; of whole blocks,
 *     but for the end
 */
public record FileFacts(
    FileType type,
    int permissions,
    long uid,
    long gid,
    long seconds,
    int nanoseconds,
    long links,
    String first,
    long size,
    String content,
    String data,
    SortedMap<String, String> xattrs) {

  /** Returns these facts without {@link #first}, for where it is not known. */
  public FileFacts withoutFirst() {
    return new FileFacts(
        type, permissions, uid, gid, seconds, nanoseconds, links, "", size, content, data, xattrs);
  }

  /** Returns these facts without {@link #data}, for where it is not known. */
  public FileFacts withoutData() {
    return new FileFacts(
        type, permissions, uid, gid, seconds, nanoseconds, links, first, size, content, "", xattrs);
  }

  /** Returns these facts without {@link #links}, for where the file system counts its own way. */
  public FileFacts withoutLinks() {
    return new FileFacts(
        type, permissions, uid, gid, seconds, nanoseconds, 0, first, size, content, data, xattrs);
  }

  /** Returns these facts with another time of modification. */
  public FileFacts withTime(long newSeconds, int newNanoseconds) {
    return new FileFacts(
        type,
        permissions,
        uid,
        gid,
        newSeconds,
        newNanoseconds,
        links,
        first,
        size,
        content,
        data,
        xattrs);
  }

  /** Returns these facts with other extended attributes. */
  public FileFacts withXattrs(SortedMap<String, String> newXattrs) {
    return new FileFacts(
        type,
        permissions,
        uid,
        gid,
        seconds,
        nanoseconds,
        links,
        first,
        size,
        content,
        data,
        newXattrs);
  }

  /** Returns a digest for {@link #content}. */
  public static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Returns a finished digest as text. */
  public static String text(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest());
  }

  /** Returns bytes as text, a character a byte. */
  public static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  /** Returns the bytes of a text, a byte a character. */
  public static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
