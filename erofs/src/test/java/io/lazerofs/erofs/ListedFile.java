package io.lazerofs.erofs;

import com.fasterxml.jackson.databind.JsonNode;
import io.lazerofs.erofs.disk.FileType;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a listing says about a path, or what an image says: fields that do not apply have the same
 * value in both. Names are one character a byte (ISO 8859-1).
 *
 * @param content SHA-256 of a file, target of a symbolic link, major and minor number of a device
 */
record ListedFile(
    String path,
    FileType type,
    int permissions,
    int uid,
    int gid,
    long seconds,
    int nanoseconds,
    int links,
    long size,
    String content,
    Map<String, String> xattrs) {
  private static final Base64.Decoder BASE64 = Base64.getDecoder();

  static ListedFile parse(JsonNode json) throws IOException {
    FileType type = type(json.get("type").textValue());
    Map<String, String> xattrs = new TreeMap<>();
    for (var xattr : json.get("xattrs").properties()) {
      xattrs.put(xattr.getKey(), text(BASE64.decode(xattr.getValue().textValue())));
    }
    String content =
        switch (type) {
          case REGULAR -> json.get("sha256").textValue();
          case SYMLINK -> text(BASE64.decode(json.get("target").textValue()));
          case CHARACTER_DEVICE, BLOCK_DEVICE ->
              json.get("rdev").get(0).intValue() + ":" + json.get("rdev").get(1).intValue();
          default -> "";
        };
    long nanoseconds = json.get("mtime_ns").longValue();
    return new ListedFile(
        text(BASE64.decode(json.get("path").textValue())),
        type,
        json.get("mode").intValue(),
        (int) json.get("uid").longValue(),
        (int) json.get("gid").longValue(),
        Math.floorDiv(nanoseconds, 1_000_000_000L),
        (int) Math.floorMod(nanoseconds, 1_000_000_000L),
        json.get("nlink").intValue(),
        type == FileType.REGULAR ? json.get("size").longValue() : 0,
        content,
        xattrs);
  }

  static ListedFile of(ErofsImage image, String path, Inode inode) throws IOException {
    Map<String, String> xattrs = new TreeMap<>();
    for (byte[] name : image.xattrNames(inode)) {
      xattrs.put(text(name), text(image.xattr(inode, name).orElseThrow()));
    }
    FileType type = inode.type();
    String content =
        switch (type) {
          case REGULAR -> sha256(image, inode);
          case SYMLINK -> text(image.readLink(inode));
          case CHARACTER_DEVICE, BLOCK_DEVICE -> device(inode.rdev());
          default -> "";
        };
    return new ListedFile(
        path,
        type,
        inode.mode() & 07777,
        inode.uid(),
        inode.gid(),
        inode.seconds(),
        inode.nanoseconds(),
        inode.links(),
        type == FileType.REGULAR ? inode.size() : 0,
        content,
        xattrs);
  }

  ListedFile withTime(long seconds, int nanoseconds) {
    return new ListedFile(
        path, type, permissions, uid, gid, seconds, nanoseconds, links, size, content, xattrs);
  }

  ListedFile withoutXattr(String name) {
    Map<String, String> rest = new TreeMap<>(xattrs);
    rest.remove(name);
    return new ListedFile(
        path, type, permissions, uid, gid, seconds, nanoseconds, links, size, content, rest);
  }

  static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static String sha256(ErofsImage image, Inode inode) throws IOException {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      byte[] buffer = new byte[10_000];
      long at = 0;
      while (true) {
        int read = image.read(inode, at, MemorySegment.ofArray(buffer));
        if (read == 0) {
          return HexFormat.of().formatHex(digest.digest());
        }
        digest.update(buffer, 0, read);
        at += read;
      }
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String device(int rdev) {
    int major = rdev >> 8 & 0xfff;
    int minor = (rdev & 0xff) | (rdev >> 12 & 0xfff00);
    return major + ":" + minor;
  }

  private static FileType type(String letter) {
    return switch (letter) {
      case "f" -> FileType.REGULAR;
      case "d" -> FileType.DIRECTORY;
      case "l" -> FileType.SYMLINK;
      case "c" -> FileType.CHARACTER_DEVICE;
      case "b" -> FileType.BLOCK_DEVICE;
      case "p" -> FileType.FIFO;
      case "s" -> FileType.SOCKET;
      default -> throw new IllegalArgumentException(letter);
    };
  }
}
