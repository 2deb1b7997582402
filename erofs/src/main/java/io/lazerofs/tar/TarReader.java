package io.lazerofs.tar;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * A tar archive, read once from its start to its end. Not safe for use by several threads.
 *
 * <p>An archive must have its end marker, at least one block of zeros: one that just stops, even
 * between two entries, ends early.
 */
public final class TarReader {

  /** The longest extended header or long name that is read, bytes: it is held in memory. */
  private static final long MAX_EXTENSION = 8 << 20;

  private static final long MAX_ID = 0xffff_ffffL;

  private final TarInput input;
  private final InputStream content = new Content();
  private PaxRecords global = PaxRecords.none();

  /** Bytes of the current entry that were not read yet, and the zeros that pad it to a block. */
  private long contentLeft;

  private int padding;

  /**
   * @param in the uncompressed archive, see {@link Compression#open}; never closed here
   */
  public TarReader(InputStream in) {
    input = new TarInput(in);
  }

  /**
   * Returns the next entry, or empty at the end of the archive. What was not read of the one before
   * is passed over.
   *
   * @throws TarException when the archive is damaged, ends early or holds an entry of a type that
   *     is not supported
   * @throws IOException when the stream cannot be read
   */
  public Optional<TarEntry> next() throws IOException {
    passContent();
    PaxRecords local = PaxRecords.none();
    Optional<String> longName = Optional.empty();
    Optional<String> longLink = Optional.empty();
    while (true) {
      long at = input.offset();
      byte[] block = new byte[TarInput.BLOCK];
      if (!input.readBlock(block)) {
        throw input.failure("the archive ends early, without its end marker");
      }
      if (isZero(block)) {
        input.drain();
        return Optional.empty();
      }
      TarHeader header = TarHeader.checked(block, input);
      switch (header.type()) {
        case 'x', 'X' -> local = local.and(extension(header), input);
        case 'g' -> global = global.and(extension(header), input);
        case 'L' -> longName = Optional.of(untilNul(extension(header)));
        case 'K' -> longLink = Optional.of(untilNul(extension(header)));
        default -> {
          return Optional.of(entry(at, header, local.over(global), longName, longLink));
        }
      }
    }
  }

  /**
   * Returns the stored bytes of the entry that {@link #next} returned last: for a sparse file those
   * of its data ranges, one after the other. It is the same stream for all entries.
   */
  public InputStream content() {
    return content;
  }

  private TarEntry entry(
      long at,
      TarHeader header,
      PaxRecords pax,
      Optional<String> longName,
      Optional<String> longLink)
      throws IOException {
    String path = path(header, pax, longName);
    input.enter(path);
    TarEntry.Type type = type(header, path);
    boolean regular = type == TarEntry.Type.REGULAR;
    long stored = regular ? size(pax.number("size", header.size(), input)) : 0;
    long fileSize = regular ? fileSize(header, pax, stored) : 0;
    contentLeft = stored;
    padding = (int) (-stored & TarInput.BLOCK - 1);
    List<DataRange> data = regular ? ranges(header, pax, fileSize) : List.of();
    boolean link = type == TarEntry.Type.HARD_LINK || type == TarEntry.Type.SYMLINK;
    return new TarEntry(
        path,
        type,
        header.permissions(),
        id("uid", pax.number("uid", header.uid(), input)),
        id("gid", pax.number("gid", header.gid(), input)),
        pax.time("mtime", header.modified(), input),
        fileSize,
        link ? pax.text("linkpath").or(() -> longLink).orElseGet(header::linkName) : "",
        header.major(),
        header.minor(),
        pax.xattrs(input),
        data,
        at);
  }

  private static String path(TarHeader header, PaxRecords pax, Optional<String> longName) {
    return pax.text("GNU.sparse.name")
        .or(() -> pax.text("path"))
        .or(() -> longName)
        .orElseGet(header::name);
  }

  private TarEntry.Type type(TarHeader header, String path) throws TarException {
    return switch (header.type()) {
      // Before ustar a directory was an empty file whose name ends in a slash.
      case '\0', '0' -> path.endsWith("/") ? TarEntry.Type.DIRECTORY : TarEntry.Type.REGULAR;
      case '7', 'S' -> TarEntry.Type.REGULAR;
      case '1' -> TarEntry.Type.HARD_LINK;
      case '2' -> TarEntry.Type.SYMLINK;
      case '3' -> TarEntry.Type.CHARACTER_DEVICE;
      case '4' -> TarEntry.Type.BLOCK_DEVICE;
      case '5' -> TarEntry.Type.DIRECTORY;
      case '6' -> TarEntry.Type.FIFO;
      case 'D' -> throw unsupported(header, "directory listing of an incremental archive");
      case 'M' -> throw unsupported(header, "continuation of a multi-volume archive");
      case 'N' -> throw unsupported(header, "old GNU long names");
      case 'V' -> throw unsupported(header, "volume label");
      default -> throw unsupported(header, "unknown");
    };
  }

  private TarException unsupported(TarHeader header, String meaning) {
    String type = String.format("%c (0x%02x)", header.type(), (int) header.type());
    return input.failure("entries of type " + type + " are not supported: " + meaning);
  }

  private long fileSize(TarHeader header, PaxRecords pax, long stored) throws TarException {
    if (header.type() == 'S') {
      return size(header.number("real size", 483, 12));
    }
    long size = pax.number("GNU.sparse.size", stored, input);
    return size(pax.number("GNU.sparse.realsize", size, input));
  }

  private List<DataRange> ranges(TarHeader header, PaxRecords pax, long fileSize)
      throws IOException {
    SparseMap map = new SparseMap(input, fileSize);
    Optional<String> record = pax.text(PaxRecords.SPARSE_MAP);
    if (header.type() == 'S') {
      map.readOldGnu(header);
    } else if (pax.text("GNU.sparse.major").isPresent()) {
      String version =
          pax.text("GNU.sparse.major").orElse("") + "." + pax.text("GNU.sparse.minor").orElse("0");
      if (!version.equals("1.0")) {
        throw input.failure("sparse files of format " + version + " are not supported");
      }
      contentLeft -= map.readLines(contentLeft);
    } else if (record.isPresent()) {
      map.readRecord(record.get());
    } else if (contentLeft == fileSize) {
      return fileSize == 0 ? List.of() : List.of(new DataRange(0, fileSize));
    }
    return map.ranges(contentLeft);
  }

  private long size(long value) throws TarException {
    if (value < 0) {
      throw input.failure("the size is negative");
    }
    return value;
  }

  private long id(String field, long value) throws TarException {
    if (value < 0 || value > MAX_ID) {
      throw input.failure("the " + field + " " + value + " does not fit 32 bits");
    }
    return value;
  }

  private byte[] extension(TarHeader header) throws IOException {
    long size = header.size();
    if (size < 0 || size > MAX_EXTENSION) {
      throw input.failure("an extended header of " + size + " bytes is too long");
    }
    byte[] bytes = new byte[(int) size];
    input.readFully(bytes);
    input.skip(-size & TarInput.BLOCK - 1);
    return bytes;
  }

  private void passContent() throws IOException {
    input.skip(contentLeft);
    contentLeft = 0;
    input.skip(padding);
    padding = 0;
  }

  private static String untilNul(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    int end = text.indexOf('\0');
    return end < 0 ? text : text.substring(0, end);
  }

  private static boolean isZero(byte[] block) {
    for (byte b : block) {
      if (b != 0) {
        return false;
      }
    }
    return true;
  }

  private final class Content extends InputStream {
    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
    }

    @Override
    public int read(byte[] bytes, int start, int length) throws IOException {
      if (contentLeft == 0 || length == 0) {
        return contentLeft == 0 ? -1 : 0;
      }
      int count = input.read(bytes, start, (int) Math.min(length, contentLeft));
      if (count < 0) {
        throw input.endsEarly(contentLeft);
      }
      contentLeft -= count;
      return count;
    }
  }
}
