package io.lazerofs.fetcher.cache;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/** Tells which blocks of a blob are right; for one thread at a time. */
interface BlockVerifier {

  /**
   * What is known of a run of blocks.
   *
   * @param rightBytes how much of it, from its start, is right: whole blocks
   * @param wrong says which block comes next and is wrong; when empty and not all is right, what
   *     comes next cannot be verified by itself
   */
  record Verdict(int rightBytes, Optional<WrongBytesException> wrong) {}

  /** Of a blob without a hash tree: a block by itself is neither right nor wrong. */
  BlockVerifier NONE =
      new BlockVerifier() {
        @Override
        public long runEnd(long offset) {
          return Long.MAX_VALUE;
        }

        @Override
        public Verdict verify(long offset, ByteBuffer blocks) {
          return new Verdict(blocks.remaining(), Optional.empty());
        }
      };

  /** Returns where blocks begin that may be verified by those from {@code offset} on. */
  long runEnd(long offset);

  /**
   * Verifies blocks that lie before {@link #runEnd}; may wait for blocks of the tree.
   *
   * @param offset of the first block, in bytes
   * @param blocks whole blocks, between its position and limit, which stay where they are
   * @throws IOException when the blocks that these are verified by cannot be had
   */
  Verdict verify(long offset, ByteBuffer blocks) throws IOException;
}
