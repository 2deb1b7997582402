package io.lazerofs.snapshotter.inspect;

import io.lazerofs.erofs.ErofsImage;
import io.lazerofs.erofs.Inode;
import io.lazerofs.erofs.disk.FileType;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.foreign.MemorySegment;

/** The bytes of a regular file. */
public record FileContent(ErofsImage image, ImagePath path) {
  private static final int PIECE = 1 << 20;

  /**
   * Writes all of them.
   *
   * @throws IOException also when nobody reads what is written
   */
  public void writeTo(PrintStream out) throws IOException {
    Inode inode = path.findContent(image, FileType.REGULAR);
    byte[] piece = new byte[(int) Math.min(PIECE, inode.size())];
    for (long at = 0; at < inode.size(); ) {
      int read = image.read(inode, at, MemorySegment.ofArray(piece));
      out.write(piece, 0, read);
      if (out.checkError()) {
        throw new IOException("standard output: cannot be written to");
      }
      at += read;
    }
  }
}
