package io.lazerofs.snapshotter.progress;

import java.util.function.LongConsumer;

/** Takes note of long work. Safe for use by many threads at once, as its tasks are. */
public interface Progress {

  /** Shows nothing. */
  Progress NONE =
      new Progress() {
        @Override
        public Task start(String name, long totalBytes) {
          return new Task() {
            @Override
            public void accept(long bytes) {}

            @Override
            public void done(String outcome) {}

            @Override
            public void close() {}
          };
        }

        @Override
        public void line(String text) {}
      };

  /**
   * Begins a piece of work.
   *
   * @param totalBytes how much there is to do, or 0 when that is not known
   */
  Task start(String name, long totalBytes);

  /** Says something that is not about a running piece of work. */
  void line(String text);

  /** A piece of work under way; {@link #accept} is told each number of bytes that were done. */
  interface Task extends LongConsumer, AutoCloseable {

    /** Ends it with what came of it, in a word or two. */
    void done(String outcome);

    /** Ends it without a word, if it was not done: whoever failed says so. */
    @Override
    void close();
  }
}
