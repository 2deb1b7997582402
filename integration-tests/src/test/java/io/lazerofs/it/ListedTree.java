package io.lazerofs.it;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lazerofs.files.FileStatus;
import io.lazerofs.files.OpenDirectory;
import io.lazerofs.files.OpenFile;
import io.lazerofs.source.Digest;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.zip.GZIPInputStream;

/**
 * A tree of files as a line of text for each path, from a listing of the conformance images or from
 * a directory. Names are one character a byte (ISO 8859-1).
 */
final class ListedTree {
  private static final byte[] ITSELF = {'.'};
  private static final long BUILD_TIME = 1_700_000_000;
  private static final long SECOND = 1_000_000_000;

  /** Its owner needs an extended inode, which keeps a time of its own to the nanosecond. */
  private static final String EXTENDED = "/modes/bigowner";

  /** What mkfs.erofs gives the parents of whiteouts, but not when it reads a tar. */
  private static final String ORIGIN = "trusted.overlay.origin";

  private ListedTree() {}

  /**
   * A file.
   *
   * @param type the letter of the listing
   * @param content digest of a file, target of a symbolic link, numbers of a device
   */
  record Listed(
      String path,
      String type,
      int permissions,
      long uid,
      long gid,
      long nanoseconds,
      long links,
      long size,
      String content,
      Map<String, String> xattrs) {

    Listed withTime(long time) {
      return new Listed(path, type, permissions, uid, gid, time, links, size, content, xattrs);
    }

    Listed withoutXattr(String name) {
      Map<String, String> rest = new TreeMap<>(xattrs);
      rest.remove(name);
      return new Listed(path, type, permissions, uid, gid, nanoseconds, links, size, content, rest);
    }
  }

  /** What an image of the listed tree rightly says otherwise. */
  private static UnaryOperator<Listed> rule(String image) {
    return switch (image) {
      case "build-mtime" ->
          file -> file.path.equals(EXTENDED) ? file : file.withTime(BUILD_TIME * SECOND);
      case "48bit", "48bit-zstd", "48bit-metabox", "48bit-metabox-zstd" ->
          file ->
              file.path.equals(EXTENDED)
                  ? file
                  : file.withTime(Math.floorDiv(file.nanoseconds, SECOND) * SECOND);
      case "tar-full", "tar-index" -> file -> file.withoutXattr(ORIGIN);
      default -> UnaryOperator.identity();
    };
  }

  /** Returns the files of a listing as an image of that name keeps them. */
  static Map<String, String> listed(Path listing, String image) throws IOException {
    UnaryOperator<Listed> rule = rule(image);
    boolean ofTar = image.startsWith("tar-"); // which holds no sockets
    Map<String, String> files = new TreeMap<>();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                new GZIPInputStream(Files.newInputStream(listing)), StandardCharsets.UTF_8))) {
      for (String line : lines.lines().toList()) {
        Listed file = parse(new ObjectMapper().readTree(line));
        if (!(ofTar && file.type.equals("s"))) {
          files.put(file.path, rule.apply(file).toString());
        }
      }
    }
    return files;
  }

  private static Listed parse(JsonNode json) {
    String type = json.get("type").textValue();
    Map<String, String> xattrs = new TreeMap<>();
    for (var xattr : json.get("xattrs").properties()) {
      xattrs.put(xattr.getKey(), text(base64(xattr.getValue())));
    }
    String content =
        switch (type) {
          case "f" -> json.get("sha256").textValue();
          case "l" -> text(base64(json.get("target")));
          case "c", "b" -> json.get("rdev").get(0) + ":" + json.get("rdev").get(1);
          default -> "";
        };
    return new Listed(
        text(base64(json.get("path"))),
        type,
        type.equals("l") ? 0 : json.get("mode").intValue(),
        json.get("uid").longValue(),
        json.get("gid").longValue(),
        json.get("mtime_ns").longValue(),
        type.equals("d") ? 0 : json.get("nlink").longValue(),
        type.equals("f") ? json.get("size").longValue() : 0,
        content,
        xattrs);
  }

  /** Returns the files below a directory, and the directory itself as "/". */
  static Map<String, String> found(Path root) throws IOException {
    Map<String, String> files = new TreeMap<>();
    try (OpenDirectory directory = OpenDirectory.open(root)) {
      files.put("/", find(directory, ITSELF, "/").toString());
      find(directory, "", files);
    }
    return files;
  }

  private static void find(OpenDirectory directory, String path, Map<String, String> files)
      throws IOException {
    for (byte[] name : directory.names()) {
      String child = path + "/" + text(name);
      Listed file = find(directory, name, child);
      files.put(child, file.toString());
      if (file.type.equals("d")) {
        try (OpenDirectory below = directory.directory(name)) {
          find(below, child, files);
        }
      }
    }
  }

  private static Listed find(OpenDirectory directory, byte[] name, String path) throws IOException {
    FileStatus status = directory.status(name);
    String type = String.valueOf("?pc?d?b?f?l?s".charAt(status.mode() >> 12));
    Map<String, String> xattrs = new TreeMap<>();
    for (byte[] xattr : directory.xattrNames(name)) {
      xattrs.put(text(xattr), text(directory.xattr(name, xattr)));
    }
    String content =
        switch (type) {
          case "f" -> digest(directory, name);
          case "l" -> text(directory.readLink(name));
          case "c", "b" -> status.deviceMajor() + ":" + status.deviceMinor();
          default -> "";
        };
    return new Listed(
        path,
        type,
        type.equals("l") ? 0 : status.permissions(),
        Integer.toUnsignedLong(status.uid()),
        Integer.toUnsignedLong(status.gid()),
        status.seconds() * SECOND + status.nanoseconds(),
        type.equals("d") ? 0 : Integer.toUnsignedLong(status.links()),
        type.equals("f") ? status.size() : 0,
        content,
        xattrs);
  }

  private static String digest(OpenDirectory directory, byte[] name) throws IOException {
    MessageDigest digest = Digest.sha256();
    try (Arena arena = Arena.ofConfined();
        OpenFile file = directory.file(name)) {
      MemorySegment buffer = arena.allocate(1 << 16);
      long at = 0;
      for (long read = file.read(at, buffer); read > 0; read = file.read(at, buffer)) {
        digest.update(buffer.asSlice(0, read).toArray(ValueLayout.JAVA_BYTE));
        at += read;
      }
    }
    return Digest.ofRaw(digest.digest()).hex();
  }

  private static byte[] base64(JsonNode node) {
    return Base64.getDecoder().decode(node.textValue());
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }
}
