package io.lazerofs.erofs.write;

import java.io.IOException;

/**
 * A file whose content is on its way into the image: takes the pieces of the content in their order
 * once workers have cut them, writes them, and in the end knows where all of it lies.
 */
abstract sealed class Assembly permits FlatAssembly, ChunkAssembly, PclusterAssembly {
  private final StoredFile file;
  private final long size;
  private long written;

  Assembly(StoredFile file, long size) {
    this.file = file;
    this.size = size;
  }

  /** Returns the bytes of the whole file. */
  final long size() {
    return size;
  }

  /** Whether a piece that is written next is the last one. */
  final boolean isLast(Batch.Piece piece) {
    return written + piece.length() == size;
  }

  /** Writes the next piece. */
  final void write(Batch batch, Batch.Piece piece, ContentOutput output) throws IOException {
    writePiece(batch, piece, output);
    written += piece.length();
    if (written == size) {
      file.complete(content());
    }
  }

  /** Cuts a piece; called by a worker, which sees nothing else of this. */
  abstract void cut(Batch batch, Batch.Piece piece, Cutter cutter);

  abstract void writePiece(Batch batch, Batch.Piece piece, ContentOutput output) throws IOException;

  /** Returns where all pieces lie. */
  abstract Content content();
}
