package io.lazerofs.it.dio;

import java.util.List;

/**
 * A read of a file, by pread(2) where it is of one piece and may wait, else by preadv2(2).
 *
 * @param overlay whether through overlayfs
 * @param direct whether the file is opened with O_DIRECT
 * @param fresh whether cached pages of the file are dropped before
 * @param noWait whether with RWF_NOWAIT
 * @param pieces the memory that is read into, at least one
 */
record ReadCall(
    TestFile file,
    boolean overlay,
    boolean direct,
    boolean fresh,
    boolean noWait,
    long offset,
    List<Piece> pieces) {

  /**
   * A run of memory.
   *
   * @param skew bytes between a page's start and its first byte
   */
  record Piece(int skew, int length) {}

  /** What a loop device wants direct reads aligned to, in the file and in memory, bytes. */
  private static final int SECTOR = 512;

  long length() {
    return pieces.stream().mapToLong(Piece::length).sum();
  }

  boolean vectored() {
    return noWait || pieces.size() > 1;
  }

  /** Returns how many bytes a read gives that is right and short only at the end of the file. */
  long whole() {
    return Math.clamp(file.size() - offset, 0, length());
  }

  /** Whether a part that lies on a device does not fit its sectors by its place in the file. */
  boolean misaligned() {
    long end = offset + length();
    return whole() > 0
        && file.mapped().stream()
            .filter(run -> run.start() < end && run.end() > offset)
            .anyMatch(run -> misaligned(Math.max(run.start(), offset) | Math.min(run.end(), end)));
  }

  /**
   * Whether a part may not fit a device's sectors by its place in memory: where a read begins
   * amidst a sector of the file, what is aligned in the file is not so in memory.
   */
  boolean misalignedInMemory() {
    return misaligned(offset)
        || pieces.stream().anyMatch(piece -> misaligned(piece.skew() | piece.length()));
  }

  private static boolean misaligned(long bytes) {
    return (bytes & SECTOR - 1) != 0;
  }

  /** Returns the same read through the page cache. */
  ReadCall buffered() {
    return new ReadCall(file, overlay, false, false, noWait, offset, pieces);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(vectored() ? "preadv" : "pread");
    text.append(direct ? " direct" : fresh ? " buffered, cold" : " buffered");
    text.append(noWait ? ", RWF_NOWAIT" : "").append(overlay ? ", overlayfs" : "");
    text.append(" of ").append(file).append(", ").append(length()).append(" at ").append(offset);
    pieces.forEach(piece -> text.append(" [" + piece.skew() + "+" + piece.length() + "]"));
    return text.toString();
  }
}
