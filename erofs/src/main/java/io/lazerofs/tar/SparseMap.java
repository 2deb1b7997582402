package io.lazerofs.tar;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A sparse file's map while it is read: where in the file the bytes go that the archive stores.
 *
 * <p>The four forms differ only in where the numbers stand (GNU tar's manual, "Storing Sparse
 * Files"): in the header and blocks after it (old GNU, type {@code S}), in pax records (0.0 and
 * 0.1), or as lines of text before the data (1.0).
 */
final class SparseMap {

  /** More ranges than this are refused, since the map is held in memory. */
  private static final int MAX_RANGES = 1 << 20;

  private static final int OLD_IN_HEADER = 4;
  private static final int OLD_IN_BLOCK = 21;
  private static final int OLD_PAIR = 24;
  private static final int OLD_NUMBER = 12;

  private final TarInput input;
  private final long fileSize;
  private final List<DataRange> ranges = new ArrayList<>();
  private long end;

  SparseMap(TarInput input, long fileSize) {
    this.input = input;
    this.fileSize = fileSize;
  }

  /** Reads the pairs of an old GNU header and of the blocks that follow it. */
  void readOldGnu(TarHeader header) throws IOException {
    addPairs(header, 386, OLD_IN_HEADER);
    boolean more = !header.isBlank(482);
    while (more) {
      byte[] block = new byte[TarInput.BLOCK];
      input.readFully(block);
      TarHeader extension = TarHeader.unchecked(block, input);
      addPairs(extension, 0, OLD_IN_BLOCK);
      more = !extension.isBlank(504);
    }
  }

  /** Reads the pairs of a pax record: numbers with commas between them. */
  void readRecord(String record) throws TarException {
    String[] numbers = record.split(",", -1);
    if (numbers.length % 2 != 0) {
      throw input.failure("the map of a sparse file is damaged: an odd number of numbers");
    }
    for (int i = 0; i < numbers.length; i += 2) {
      add(decimal(numbers[i]), decimal(numbers[i + 1]));
    }
  }

  /** Reads the lines before the data and returns the number of bytes that they took. */
  long readLines(long stored) throws IOException {
    Lines lines = new Lines(stored);
    long count = lines.next();
    if (count > MAX_RANGES) {
      throw tooMany();
    }
    for (long i = 0; i < count; i++) {
      long offset = lines.next();
      add(offset, lines.next());
    }
    return lines.taken;
  }

  /**
   * Returns the ranges.
   *
   * @param stored bytes of data that the archive holds, which the ranges must add up to
   */
  List<DataRange> ranges(long stored) throws TarException {
    long sum = 0;
    for (DataRange range : ranges) {
      sum += range.length();
    }
    if (sum != stored) {
      throw input.failure(
          "the map of a sparse file covers " + sum + " bytes, the archive holds " + stored);
    }
    return ranges;
  }

  private void addPairs(TarHeader header, int start, int count) throws TarException {
    for (int i = 0; i < count; i++) {
      int at = start + i * OLD_PAIR;
      if (header.isBlank(at) && header.isBlank(at + OLD_NUMBER)) {
        return;
      }
      add(
          header.number("sparse offset", at, OLD_NUMBER),
          header.number("sparse length", at + OLD_NUMBER, OLD_NUMBER));
    }
  }

  private void add(long offset, long length) throws TarException {
    if (offset < end || length < 0 || offset > fileSize || length > fileSize - offset) {
      throw input.failure(
          "the map of a sparse file is damaged: "
              + length
              + " bytes at "
              + offset
              + " of "
              + fileSize);
    }
    end = offset + length;
    if (length == 0) {
      return;
    }
    if (ranges.size() == MAX_RANGES) {
      throw tooMany();
    }
    ranges.add(new DataRange(offset, length));
  }

  private TarException tooMany() {
    return input.failure("a sparse file has more than " + MAX_RANGES + " ranges");
  }

  private long decimal(String text) throws TarException {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw input.failure("the map of a sparse file is damaged: a number is missing");
    }
  }

  /** The decimal numbers, one a line, in as many whole blocks as they need. */
  private final class Lines {
    private final byte[] block = new byte[TarInput.BLOCK];
    private final long limit;
    private int position = block.length;
    private long taken;

    private Lines(long limit) {
      this.limit = limit;
    }

    private long next() throws IOException {
      StringBuilder digits = new StringBuilder();
      while (true) {
        if (position == block.length) {
          read();
        }
        char c = (char) Byte.toUnsignedInt(block[position++]);
        if (c == '\n') {
          return decimal(digits.toString());
        }
        if (digits.length() == 20) {
          throw input.failure("the map of a sparse file is damaged: a number is too long");
        }
        digits.append(c);
      }
    }

    private void read() throws IOException {
      if (limit - taken < block.length) {
        throw input.failure("the map of a sparse file is longer than the entry");
      }
      input.readFully(block);
      taken += block.length;
      position = 0;
    }
  }
}
