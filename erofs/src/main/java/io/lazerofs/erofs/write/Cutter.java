package io.lazerofs.erofs.write;

import io.lazerofs.erofs.codec.Encoder;
import io.lazerofs.source.Digest;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Cuts pieces of content into what is stored together, and compresses it. What it makes of a piece
 * depends on the piece alone. For one thread at a time.
 */
final class Cutter implements AutoCloseable {

  /** What the index of a compressed file takes besides its entries, and an entry, bytes. */
  private static final int INDEX_BASE = 16;

  private static final int INDEX_ENTRY = 4;

  /**
   * The smallest page. Linux 6.18 fails to read some streams beside inodes, with EUCLEAN, where a
   * page has several blocks; CompressedWriterIT has such files.
   */
  private static final int PAGE = 4096;

  private final int block;

  /** The longest stream that may lie beside its inode, bytes. */
  private final int longestInline;

  private final int pcluster;
  private final boolean dedupe;
  private final Optional<Encoder> encoder;
  private final byte[] stream;
  private final MessageDigest sha256 = Digest.sha256();

  /**
   * @param largestPiece bytes of the longest piece
   */
  Cutter(WriteOptions options, int largestPiece) {
    block = options.blockSize();
    longestInline = block < PAGE ? 0 : Tail.max(block);
    pcluster = options.pclusterBlocks() << options.blockBits();
    dedupe = options.dedupe();
    encoder = options.compression().map(compression -> compression.encoder(largestPiece));
    stream = new byte[encoder.isPresent() ? pcluster : 0];
  }

  /** Cuts a piece into chunks, of which zeros are holes. */
  void cutChunks(Batch batch, Batch.Piece piece, int chunk) {
    for (int start = piece.start(); start < piece.end(); start += chunk) {
      int end = Math.min(piece.end(), start + chunk);
      piece
          .cuts()
          .add(
              isZeros(batch.input(), start, end)
                  ? new Cut(Cut.Storage.HOLE, start, end, 0, 0, ContentHash.NONE)
                  : Cut.plain(start, end, hash(batch.input(), start, end)));
    }
  }

  /**
   * Cuts a piece into pclusters, and into what does not shrink; leaves it as it is when that takes
   * no more space.
   *
   * @param whole whether the piece is a file
   */
  void cutPclusters(Batch batch, Batch.Piece piece, boolean whole) {
    int kept = batch.written();
    int plain = piece.start();
    for (int at = piece.start(); at < piece.end(); ) {
      int limit = limit(piece.end() - at, whole && at == piece.start());
      Encoder.Fit fit = fit(batch.input(), at, piece.end(), limit);
      int end = at + fit.consumed();
      if (whole && fit.consumed() == piece.length() && fit.written() <= longestInline) {
        piece.cuts().add(compressed(Cut.Storage.INLINE, batch, at, fit));
        return;
      }
      if (shrinks(fit)) {
        cutPlain(batch, plain, at, piece.cuts());
        piece.cuts().add(compressed(Cut.Storage.PCLUSTER, batch, at, fit));
        at = end;
        plain = end;
      } else {
        int skipped = fit.consumed() > 0 ? fit.consumed() : limit;
        at = Math.min(piece.end(), at + Math.max(block, skipped / block * block));
      }
    }
    cutEnd(batch, piece, plain);
    if (compressedSize(piece, whole) >= plainSize(piece.length(), whole)) {
      batch.forget(kept);
      piece.cuts().clear();
      cutPlain(batch, piece.start(), piece.end(), piece.cuts());
    }
  }

  @Override
  public void close() {
    encoder.ifPresent(Encoder::close);
  }

  /**
   * Returns the bytes that a pcluster may have: one block less than its content, or what makes a
   * small file smaller beside its inode.
   */
  private int limit(int length, boolean file) {
    return file && length <= block
        ? Math.clamp(length - INDEX_BASE - INDEX_ENTRY, 0, longestInline)
        : Math.min(pcluster, (blocks(length) - 1) * block);
  }

  /** Compresses; a stream that a reader would take to begin with padding counts as none. */
  private Encoder.Fit fit(byte[] input, int at, int end, int limit) {
    Encoder.Fit fit =
        limit > 0 ? encoder().fit(input, at, end, stream, limit) : new Encoder.Fit(0, 0);
    return fit.written() > 0 && stream[0] == 0 ? new Encoder.Fit(0, 0) : fit;
  }

  private Cut compressed(Cut.Storage storage, Batch batch, int start, Encoder.Fit fit) {
    int end = start + fit.consumed();
    int where = batch.keep(stream, fit.written());
    ContentHash hash =
        storage == Cut.Storage.INLINE ? ContentHash.NONE : hash(batch.input(), start, end);
    return new Cut(storage, start, end, where, fit.written(), hash);
  }

  private Encoder encoder() {
    return encoder.orElseThrow(() -> new IllegalStateException("nothing is to be compressed"));
  }

  /**
   * Whether a pcluster takes at least one block less than its content. Its content then covers an
   * lcluster besides the one that it begins in, as the number of its blocks needs one.
   */
  private boolean shrinks(Encoder.Fit fit) {
    return fit.consumed() > blocks(fit.written()) * block;
  }

  /**
   * Cuts what is stored as it is: all whole blocks at once if nothing is compared, then the rest.
   */
  private void cutPlain(Batch batch, int start, int end, List<Cut> cuts) {
    int whole = start + (end - start) / block * block;
    int step = dedupe ? pcluster : Extents.MAX_LENGTH;
    for (int at = start; at < whole; at += step) {
      int next = Math.min(whole, at + step);
      cuts.add(Cut.plain(at, next, hash(batch.input(), at, next)));
    }
    if (whole < end) {
      cuts.add(Cut.plain(whole, end, hash(batch.input(), whole, end)));
    }
  }

  /**
   * Cuts the end of a piece, which is stored as it is. Its last extent must not reach into an
   * lcluster after the one that it begins in: at the end of a file the kernel takes it to go on to
   * that one's end, which is more than the extent's block holds.
   */
  private void cutEnd(Batch batch, Batch.Piece piece, int start) {
    int end = piece.end();
    int offset = (start - piece.start()) % block;
    int last = start + Math.max(0, end - start - 1) / block * block;
    int boundary = last + block - offset;
    if (boundary >= end) {
      cutPlain(batch, start, end, piece.cuts());
      return;
    }
    cutPlain(batch, start, last, piece.cuts());
    Encoder.Fit fit = fit(batch.input(), last, end, block);
    if (fit.consumed() == end - last) {
      piece.cuts().add(compressed(Cut.Storage.PCLUSTER, batch, last, fit));
    } else {
      cutPlain(batch, last, boundary, piece.cuts());
      cutPlain(batch, boundary, end, piece.cuts());
    }
  }

  private ContentHash hash(byte[] input, int start, int end) {
    return dedupe ? ContentHash.of(sha256, input, start, end) : ContentHash.NONE;
  }

  private long compressedSize(Batch.Piece piece, boolean whole) {
    long size = whole ? INDEX_BASE + (long) INDEX_ENTRY * blocks(piece.length()) : 0;
    for (Cut cut : piece.cuts()) {
      boolean plain = cut.storage() == Cut.Storage.PLAIN;
      size += (long) blocks(plain ? cut.length() : cut.written()) * block;
    }
    return size;
  }

  private long plainSize(int length, boolean whole) {
    int tail = length % block;
    return whole && tail <= Tail.max(block) ? length : (long) blocks(length) * block;
  }

  private int blocks(int bytes) {
    return (bytes + block - 1) / block;
  }

  private static boolean isZeros(byte[] bytes, int start, int end) {
    return bytes[start] == 0 && Arrays.equals(bytes, start, end - 1, bytes, start + 1, end);
  }
}
