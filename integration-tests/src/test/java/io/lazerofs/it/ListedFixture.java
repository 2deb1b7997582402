package io.lazerofs.it;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lazerofs.erofs.disk.FileType;
import io.lazerofs.it.tree.FileFacts;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/**
 * A conformance image, and the listing of the tree that it was made from.
 *
 * @param image its file, without ".gz"
 * @param devices files of its other devices, likewise
 */
record ListedFixture(String name, String image, List<String> devices, String listing) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Base64.Decoder BASE64 = Base64.getDecoder();
  private static final long BUILD_TIME = 1_700_000_000;
  private static final long NANOS = 1_000_000_000;

  /** Its owner does not fit a compact inode, so it keeps its own time to the nanosecond. */
  private static final String EXTENDED = "/modes/bigowner";

  /** mkfs.erofs adds it to the parents of whiteouts when it makes an image of a directory only. */
  private static final String ORIGIN = "trusted.overlay.origin";

  static Stream<ListedFixture> all() {
    try (InputStream in = Files.newInputStream(Images.resource("index.json"))) {
      List<ListedFixture> fixtures = new ArrayList<>();
      for (JsonNode entry : JSON.readTree(in)) {
        List<String> devices = new ArrayList<>();
        entry.get("devices").forEach(device -> devices.add(unpacked(device)));
        fixtures.add(
            new ListedFixture(
                entry.get("name").textValue(),
                unpacked(entry.get("image")),
                devices,
                entry.get("listing").textValue()));
      }
      return fixtures.stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String unpacked(JsonNode file) {
    return file.textValue().replaceFirst("\\.gz$", "");
  }

  /**
   * Returns what the listing says of each path, less what an image of this kind cannot keep; it
   * says nothing of which names are one file.
   */
  SortedMap<String, FileFacts> facts() throws IOException {
    SortedMap<String, FileFacts> facts = new TreeMap<>();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                new GZIPInputStream(Files.newInputStream(Images.resource(listing))),
                StandardCharsets.UTF_8))) {
      for (String line : lines.lines().toList()) {
        JsonNode json = JSON.readTree(line);
        String path = text(json.get("path"));
        FileFacts file = asKept(path, facts(json));
        if (!(name.startsWith("tar-") && file.type() == FileType.SOCKET)) {
          facts.put(path, file);
        }
      }
    }
    return facts;
  }

  private FileFacts asKept(String path, FileFacts file) {
    if (path.equals(EXTENDED)) {
      return file;
    }
    return switch (name) {
      case "build-mtime" -> file.withTime(BUILD_TIME, 0);
      case "48bit", "48bit-zstd", "48bit-metabox", "48bit-metabox-zstd" ->
          file.withTime(file.seconds(), 0);
      case "tar-full", "tar-index" -> {
        SortedMap<String, String> xattrs = new TreeMap<>(file.xattrs());
        xattrs.remove(ORIGIN);
        yield file.withXattrs(xattrs);
      }
      default -> file;
    };
  }

  private static FileFacts facts(JsonNode json) throws IOException {
    FileType type = type(json.get("type").textValue());
    SortedMap<String, String> xattrs = new TreeMap<>();
    for (Map.Entry<String, JsonNode> xattr : json.get("xattrs").properties()) {
      xattrs.put(xattr.getKey(), text(xattr.getValue()));
    }
    String content =
        switch (type) {
          case REGULAR -> json.get("sha256").textValue();
          case SYMLINK -> text(json.get("target"));
          case CHARACTER_DEVICE, BLOCK_DEVICE ->
              json.get("rdev").get(0).intValue() + ":" + json.get("rdev").get(1).intValue();
          default -> "";
        };
    long time = json.get("mtime_ns").longValue();
    return new FileFacts(
        type,
        json.get("mode").intValue(),
        json.get("uid").longValue(),
        json.get("gid").longValue(),
        Math.floorDiv(time, NANOS),
        (int) Math.floorMod(time, NANOS),
        json.get("nlink").longValue(),
        "",
        type == FileType.REGULAR ? json.get("size").longValue() : 0,
        content,
        "",
        xattrs);
  }

  private static String text(JsonNode base64) {
    return FileFacts.text(BASE64.decode(base64.textValue()));
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

  @Override
  public String toString() {
    return name;
  }
}
