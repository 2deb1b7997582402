package io.lazerofs.fetcher.lazy;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * A registry in memory each of whose answers stops before every piece until a test lets it go on,
 * and then gives the piece or fails, as the test says.
 */
final class GatedOrigin implements RangeReader {
  private static final long PATIENCE_SECONDS = 30;

  private final byte[] content;
  private final int pieceBytes;
  private final LinkedBlockingQueue<Answer> begun = new LinkedBlockingQueue<>();
  private final List<ByteRange> requests = new CopyOnWriteArrayList<>();

  GatedOrigin(byte[] content, int pieceBytes) {
    this.content = content;
    this.pieceBytes = pieceBytes;
  }

  /** One answer, which a test steps through. */
  final class Answer {
    private final ByteRange range;
    private final Semaphore steps = new Semaphore(0);
    private volatile boolean failing;

    private Answer(ByteRange range) {
      this.range = range;
    }

    ByteRange range() {
      return range;
    }

    /** Lets the next {@code pieces} go. */
    void give(int pieces) {
      steps.release(pieces);
    }

    /** Lets all that is left go. */
    void finish() {
      steps.release((int) (range.length() / pieceBytes) + 1);
    }

    /** Makes the next step a failure. */
    void fail() {
      failing = true;
      steps.release();
    }

    private void run(Sink sink) throws IOException {
      for (long at = range.start(); at < range.end(); at += pieceBytes) {
        pass();
        int length = (int) Math.min(pieceBytes, range.end() - at);
        sink.accept(ByteBuffer.wrap(content, (int) at, length));
      }
    }

    private void pass() throws IOException {
      try {
        if (!steps.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
          throw new AssertionError("no test lets the answer go on: " + range);
        }
      } catch (InterruptedException e) {
        throw (IOException) new InterruptedIOException("interrupted").initCause(e);
      }
      if (failing) {
        throw new IOException("failed at a test's word: " + range);
      }
    }
  }

  /** Returns the next answer that begins; waits for it. */
  Answer awaitAnswer() throws InterruptedException {
    Answer answer = begun.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    if (answer == null) {
      throw new AssertionError("nothing more is asked for; so far: " + requests);
    }
    return answer;
  }

  /** Returns the answers that began since this was asked last; does not wait. */
  List<Answer> begun() {
    List<Answer> answers = new ArrayList<>();
    begun.drainTo(answers);
    return answers;
  }

  List<ByteRange> requests() {
    return requests;
  }

  @Override
  public void read(long offset, long length, Sink sink) throws IOException {
    Answer answer = new Answer(new ByteRange(offset, offset + length));
    requests.add(answer.range);
    begun.add(answer);
    answer.run(sink);
  }
}
