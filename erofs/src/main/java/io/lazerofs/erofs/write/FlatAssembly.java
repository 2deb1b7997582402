package io.lazerofs.erofs.write;

import java.io.IOException;

/** A file that is stored as it is, in blocks of its own. */
final class FlatAssembly extends Assembly {
  private long firstBlock = -1;

  FlatAssembly(StoredFile file, long size) {
    super(file, size);
  }

  @Override
  void cut(Batch batch, Batch.Piece piece, Cutter cutter) {
    piece.cuts().add(Cut.plain(piece.start(), piece.end(), ContentHash.NONE));
  }

  @Override
  void writePiece(Batch batch, Batch.Piece piece, ContentOutput output) throws IOException {
    long block = output.write(batch, piece.cuts().getFirst()).block();
    firstBlock = firstBlock < 0 ? block : firstBlock;
  }

  @Override
  Content content() {
    return new Content.Flat(size(), firstBlock, Tail.NONE);
  }
}
