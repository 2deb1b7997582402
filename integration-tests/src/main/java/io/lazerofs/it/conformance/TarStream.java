package io.lazerofs.it.conformance;

import io.lazerofs.erofs.disk.FileType;
import io.lazerofs.it.conformance.TreeFile.Attributes;
import io.lazerofs.it.conformance.TreeFile.Kind;
import io.lazerofs.it.tree.FileFacts;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Locale;

/**
 * A tree as an archive in the pax format (POSIX.1-2017, pax), with the records in which GNU tar
 * keeps extended attributes and sparse files. It is written byte by byte: names of any bytes fit no
 * library's strings.
 */
final class TarStream {
  private static final int BLOCK = 512;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private TarStream() {}

  static byte[] of(List<TreeFile> tree) {
    TarStream stream = new TarStream();
    for (TreeFile file : tree) {
      stream.add(file);
    }
    stream.out.writeBytes(new byte[2 * BLOCK]);
    return stream.out.toByteArray();
  }

  private void add(TreeFile file) {
    StringBuilder records = new StringBuilder();
    byte[] data = new byte[0];
    String path = "." + (file.path().isEmpty() ? "/" : file.path());
    char type = type(file);
    switch (file.kind()) {
      case Kind.HardLink link -> record(records, "linkpath", "." + link.to().path());
      case Kind.Symlink symlink -> record(records, "linkpath", symlink.target());
      case Kind.Regular regular when regular.content().sparse() -> {
        record(records, "GNU.sparse.major", "1");
        record(records, "GNU.sparse.minor", "0");
        record(records, "GNU.sparse.name", path);
        record(records, "GNU.sparse.realsize", "" + regular.content().size());
        data = sparse(regular.content());
      }
      case Kind.Regular regular -> data = regular.content().bytes();
      case Kind.Directory _, Kind.Special _ -> {}
    }
    record(records, "path", path);
    describe(records, file);
    entry('x', 0, "pax", FileFacts.bytes(records.toString()));
    block(header(type, file, data.length));
    data(data);
  }

  private static void describe(StringBuilder records, TreeFile file) {
    Attributes attributes = file.attributes();
    record(records, "uid", "" + attributes.uid());
    record(records, "gid", "" + attributes.gid());
    record(
        records,
        "mtime",
        String.format(Locale.ROOT, "%d.%09d", attributes.seconds(), attributes.nanoseconds()));
    if (!(file.kind() instanceof Kind.HardLink)) {
      file.xattrs()
          .forEach((name, value) -> record(records, "SCHILY.xattr." + name, FileFacts.text(value)));
    }
  }

  private static char type(TreeFile file) {
    if (file.kind() instanceof Kind.HardLink) {
      return '1';
    }
    return switch (file.type()) {
      case SYMLINK -> '2';
      case CHARACTER_DEVICE -> '3';
      case BLOCK_DEVICE -> '4';
      case DIRECTORY -> '5';
      case FIFO -> '6';
      case REGULAR -> '0';
      case SOCKET, UNKNOWN -> throw new IllegalArgumentException("no archive holds a " + file);
    };
  }

  /** Returns a sparse file's map in its lines, to the end of a block, and its data. */
  private static byte[] sparse(Content content) {
    StringBuilder map = new StringBuilder().append(content.pieces().size()).append('\n');
    for (Content.Piece piece : content.pieces()) {
      map.append(piece.offset()).append('\n').append(piece.bytes().length).append('\n');
    }
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    data.writeBytes(FileFacts.bytes(map.toString()));
    data.writeBytes(new byte[-map.length() & (BLOCK - 1)]);
    for (Content.Piece piece : content.pieces()) {
      data.writeBytes(piece.bytes());
    }
    return data.toByteArray();
  }

  /** Adds a pax record, which begins with its own length in decimal digits. */
  private static void record(StringBuilder records, String keyword, String value) {
    String rest = " " + keyword + "=" + value + "\n";
    int length = rest.length() + 1;
    while (rest.length() + ("" + length).length() != length) {
      length++;
    }
    records.append(length).append(rest);
  }

  private void entry(char type, int mode, String name, byte[] data) {
    byte[] header = new byte[BLOCK];
    header[156] = (byte) type;
    text(header, 0, name);
    octal(header, 100, 8, mode);
    octal(header, 124, 12, data.length);
    block(header);
    data(data);
  }

  /** Returns a header that has what pax records have no keyword for, and a size. */
  private static byte[] header(char type, TreeFile file, int size) {
    byte[] header = new byte[BLOCK];
    header[156] = (byte) type;
    text(header, 0, "entry");
    octal(header, 100, 8, file.attributes().permissions());
    octal(header, 124, 12, size);
    if (file.kind() instanceof Kind.Special special && special.type() != FileType.FIFO) {
      octal(header, 329, 8, special.major());
      octal(header, 337, 8, special.minor());
    }
    return header;
  }

  private void block(byte[] header) {
    text(header, 257, "ustar\00000");
    text(header, 148, "        ");
    int sum = 0;
    for (byte b : header) {
      sum += Byte.toUnsignedInt(b);
    }
    octal(header, 148, 7, sum);
    out.writeBytes(header);
  }

  private void data(byte[] bytes) {
    out.writeBytes(bytes);
    out.writeBytes(new byte[-bytes.length & (BLOCK - 1)]);
  }

  private static void text(byte[] header, int at, String text) {
    byte[] bytes = FileFacts.bytes(text);
    System.arraycopy(bytes, 0, header, at, bytes.length);
  }

  private static void octal(byte[] header, int at, int length, int value) {
    String digits = Integer.toOctalString(value);
    text(header, at, "0".repeat(length - 1 - digits.length()) + digits);
  }
}
