package io.lazerofs.erofs.write;

import java.io.IOException;

/**
 * A file that is compressed, if that makes it smaller; otherwise it is stored as it is, its last
 * bytes beside the inode.
 */
final class PclusterAssembly extends Assembly {
  private final int blockBits;
  private final Extents extents;
  private Tail tail = Tail.NONE;
  private boolean plainTail;

  PclusterAssembly(StoredFile file, long size, int blockBits) {
    super(file, size);
    this.blockBits = blockBits;
    extents = new Extents(blockBits);
  }

  @Override
  void cut(Batch batch, Batch.Piece piece, Cutter cutter) {
    cutter.cutPclusters(batch, piece, piece.length() == size());
  }

  @Override
  void writePiece(Batch batch, Batch.Piece piece, ContentOutput output) throws IOException {
    for (Cut cut : piece.cuts()) {
      if (cut.storage() == Cut.Storage.INLINE) {
        tail = output.spool(batch.output(), cut.stream(), cut.written());
        extents.add(cut.length(), new Place(0, 1));
      } else if (isLast(piece) && cut.end() == piece.end() && canStandBesideInode(cut)) {
        tail = output.spool(batch.input(), cut.start(), cut.length());
        plainTail = true;
      } else {
        extents.add(cut.length(), output.write(batch, cut));
      }
    }
  }

  @Override
  Content content() {
    if (plainTail || extents.areFlat()) {
      long block = extents.count() > 0 ? extents.firstBlock(0) : 0;
      return new Content.Flat(size(), block, tail);
    }
    extents.trim();
    return new Content.Compressed(size(), extents, tail);
  }

  private boolean canStandBesideInode(Cut cut) {
    return cut.storage() == Cut.Storage.PLAIN
        && cut.length() <= Tail.max(1 << blockBits)
        && extents.areFlat();
  }
}
