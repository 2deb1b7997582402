package io.lazerofs.it.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * An image that differs from an original in a few places, as text:
 *
 * <pre>
 * # what was wrong about it
 * original lz4
 * views true
 * length 0 8192           device, and how many of its bytes are left
 * bytes 0 1104 ffff0102   device, offset, what is there
 * </pre>
 *
 * @param views whether sources give their memory, or only copies
 * @param lengths of the devices, bytes
 */
public record Mutant(String original, boolean views, List<Integer> lengths, List<Edit> edits) {

  /** Bytes at a place. */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  public record Edit(int device, int offset, byte[] bytes) {}

  /** Reads the text of a mutant. */
  public static Mutant parse(Path file, List<Original> originals) throws IOException {
    String name = "";
    boolean views = false;
    List<Integer> lengths = new ArrayList<>();
    List<Edit> edits = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      String[] words = line.split(" ", -1);
      switch (words[0]) {
        case "original" -> {
          name = words[1];
          find(name, originals).devices().forEach(device -> lengths.add(device.length));
        }
        case "views" -> views = Boolean.parseBoolean(words[1]);
        case "length" -> lengths.set(Integer.parseInt(words[1]), Integer.parseInt(words[2]));
        case "bytes" ->
            edits.add(
                new Edit(
                    Integer.parseInt(words[1]),
                    Integer.parseInt(words[2]),
                    HexFormat.of().parseHex(words[3])));
        default -> {}
      }
    }
    return new Mutant(name, views, lengths, edits);
  }

  /** Returns the original of this name. */
  static Original find(String name, List<Original> originals) {
    return originals.stream()
        .filter(original -> original.name().equals(name))
        .findAny()
        .orElseThrow(() -> new IllegalArgumentException("no original " + name));
  }

  /** Returns the text of this mutant. */
  String text() {
    StringBuilder text = new StringBuilder();
    text.append("original ").append(original).append('\n');
    text.append("views ").append(views).append('\n');
    for (int i = 0; i < lengths.size(); i++) {
      text.append("length %d %d%n".formatted(i, lengths.get(i)));
    }
    for (Edit edit : edits) {
      String hex = HexFormat.of().formatHex(edit.bytes());
      text.append("bytes %d %d %s%n".formatted(edit.device(), edit.offset(), hex));
    }
    return text.toString();
  }
}
