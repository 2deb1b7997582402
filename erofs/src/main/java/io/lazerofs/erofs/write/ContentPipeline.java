package io.lazerofs.erofs.write;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Takes content through worker threads, and to the image in the order in which it came:
 *
 * <pre>{@code
 * importing thread            workers               importing thread
 * content ──▶ Batch ──▶ ┌─ cut, compress, hash ─┐ ──▶ in order: ContentOutput
 *             Batch ──▶ └─ cut, compress, hash ─┘
 * }</pre>
 *
 * <p>A large file goes in segments of equal size, small ones share a batch, so the work is the same
 * whatever the number of workers is. The number of batches under way is bounded; when all are, the
 * importing thread waits for the oldest. Not safe for use by several threads.
 */
final class ContentPipeline implements Closeable {

  /** What workers compress at a time, at most: no extent crosses a multiple of it. Bytes. */
  static final int SEGMENT = Extents.MAX_LENGTH;

  /** What all batches may hold, bytes; as much again may be compressed. */
  private static final int MAX_UNDER_WAY = 48 << 20;

  private record Running(Batch batch, Future<?> done) {}

  private final WriteOptions options;
  private final ContentOutput output;
  private final int segment;
  private final int maxRunning;
  private final ExecutorService workers;
  private final Queue<Cutter> cutters = new ConcurrentLinkedQueue<>();
  private final Deque<Running> running = new ArrayDeque<>();
  private final Deque<Batch> free = new ArrayDeque<>();
  private Batch filling;

  ContentPipeline(WriteOptions options, ContentOutput output) {
    this.options = options;
    this.output = output;
    segment = Math.max(SEGMENT, options.chunkBytes().orElse(0));
    maxRunning = Math.clamp(MAX_UNDER_WAY / segment, 1, options.threads() + 1);
    workers =
        Executors.newFixedThreadPool(
            options.threads(), Thread.ofPlatform().daemon().name("image-content-", 0).factory());
    filling = new Batch(segment);
  }

  /**
   * Takes all content of a file.
   *
   * @param in not closed
   * @param length bytes, at least 1
   */
  void add(InputStream in, long length, Assembly file) throws IOException {
    for (long left = length; left > 0; ) {
      int piece = (int) Math.min(left, segment);
      if (piece > filling.room()) {
        submit();
      }
      filling.add(in, piece, file);
      left -= piece;
    }
  }

  /** Waits until all that was taken is written. */
  void drain() throws IOException {
    submit();
    while (!running.isEmpty()) {
      writeOldest();
    }
  }

  @Override
  public void close() {
    workers.shutdownNow();
    workers.close();
    cutters.forEach(Cutter::close);
  }

  private void submit() throws IOException {
    if (filling.isEmpty()) {
      return;
    }
    Batch batch = filling;
    running.add(new Running(batch, workers.submit(() -> cut(batch))));
    while (running.size() > maxRunning || (!running.isEmpty() && running.peek().done().isDone())) {
      writeOldest();
    }
    filling = free.isEmpty() ? new Batch(segment) : free.pop();
  }

  private void cut(Batch batch) {
    Cutter present = cutters.poll();
    Cutter cutter = present != null ? present : new Cutter(options, segment);
    try {
      for (Batch.Piece piece : batch.pieces()) {
        piece.file().cut(batch, piece, cutter);
      }
    } finally {
      cutters.add(cutter);
    }
  }

  private void writeOldest() throws IOException {
    Running oldest = running.remove();
    try {
      oldest.done().get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("writing the image was interrupted");
    } catch (ExecutionException e) {
      throw new IllegalStateException("content could not be compressed", e.getCause());
    }
    Batch batch = oldest.batch();
    for (Batch.Piece piece : batch.pieces()) {
      piece.file().write(batch, piece, output);
    }
    batch.clear();
    free.push(batch);
  }
}
