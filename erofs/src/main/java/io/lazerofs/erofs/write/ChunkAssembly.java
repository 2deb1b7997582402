package io.lazerofs.erofs.write;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A file whose chunks are stored once for all files; zeros are holes. Where all chunks follow each
 * other in the image the file needs no map.
 */
final class ChunkAssembly extends Assembly {
  private final ChunkPlan plan;
  private final boolean alwaysMapped;
  private final List<Content.Run> runs = new ArrayList<>();
  private long chunk;

  /**
   * @param alwaysMapped whether the file gets a map also where it needs none
   */
  ChunkAssembly(StoredFile file, long size, ChunkPlan plan, boolean alwaysMapped) {
    super(file, size);
    this.plan = plan;
    this.alwaysMapped = alwaysMapped;
  }

  @Override
  void cut(Batch batch, Batch.Piece piece, Cutter cutter) {
    cutter.cutChunks(batch, piece, 1 << plan.shift());
  }

  @Override
  void writePiece(Batch batch, Batch.Piece piece, ContentOutput output) throws IOException {
    for (Cut cut : piece.cuts()) {
      if (cut.storage() != Cut.Storage.HOLE) {
        add(output.write(batch, cut).block());
      }
      chunk++;
    }
  }

  @Override
  Content content() {
    boolean flat = runs.size() == 1 && runs.getFirst().count() == chunk;
    return flat && !alwaysMapped
        ? new Content.Flat(size(), runs.getFirst().block(), Tail.NONE)
        : new Content.Chunked(size(), plan.chunkBits(), List.copyOf(runs));
  }

  private void add(long block) {
    Content.Run last = runs.isEmpty() ? new Content.Run(chunk, 0, block) : runs.getLast();
    if (last.isContinuedBy(chunk, block, plan.chunkBits())) {
      if (last.count() > 0) {
        runs.removeLast();
      }
      runs.add(new Content.Run(last.first(), last.count() + 1, last.block()));
    } else {
      runs.add(new Content.Run(chunk, 1, block));
    }
  }
}
