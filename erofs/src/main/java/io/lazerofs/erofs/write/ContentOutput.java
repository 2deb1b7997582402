package io.lazerofs.erofs.write;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Writes cut content: blocks to the image, unless equal ones are there already, and tails to a
 * spool. Not safe for use by several threads.
 */
final class ContentOutput implements Closeable {
  private final BlockOutput output;
  private final Path spoolFile;
  private final StoredBlocks stored = new StoredBlocks();
  private Optional<TailSpool> spool = Optional.empty();
  private boolean sharesPclusters;

  /**
   * @param spoolFile a file that is made when the first tail comes
   */
  ContentOutput(BlockOutput output, Path spoolFile) {
    this.output = output;
    this.spoolFile = spoolFile;
  }

  /** Writes a part in whole blocks, or finds it written. */
  Place write(Batch batch, Cut cut) throws IOException {
    if (cut.hash().isNone()) {
      return append(batch, cut);
    }
    OptionalLong present = stored.get(cut.hash());
    if (present.isEmpty()) {
      Place place = append(batch, cut);
      stored.put(cut.hash(), place.pack());
      return place;
    }
    Place place = Place.unpack(present.getAsLong());
    boolean compressed = place.pclusterBlocks() > 0;
    if (compressed != (cut.storage() == Cut.Storage.PCLUSTER)) {
      // How a part is stored decides where the next one may begin.
      return append(batch, cut);
    }
    sharesPclusters |= compressed;
    return place;
  }

  /** Keeps bytes that will lie beside an inode. */
  Tail spool(byte[] bytes, int start, int length) throws IOException {
    if (spool.isEmpty()) {
      spool = Optional.of(TailSpool.create(spoolFile));
    }
    return spool.get().put(bytes, start, length);
  }

  /** Returns bytes that were kept. */
  byte[] tail(Tail tail) throws IOException {
    return spool.orElseThrow(() -> new IllegalStateException("there are no tails")).get(tail);
  }

  /** Whether two files, or two parts of one, have a pcluster in common. */
  boolean sharesPclusters() {
    return sharesPclusters;
  }

  @Override
  public void close() throws IOException {
    if (spool.isPresent()) {
      spool.get().close();
    }
  }

  private Place append(Batch batch, Cut cut) throws IOException {
    long block = output.block();
    if (cut.storage() == Cut.Storage.PLAIN) {
      output.write(batch.input(), cut.start(), cut.length());
      output.pad();
      return new Place(block, 0);
    }
    int blocks = output.blocks(cut.written());
    // The stream stands at the end of its blocks: that is what ZERO_PADDING says.
    output.zeros(((long) blocks << output.blockBits()) - cut.written());
    output.write(batch.output(), cut.stream(), cut.written());
    return new Place(block, blocks);
  }
}
