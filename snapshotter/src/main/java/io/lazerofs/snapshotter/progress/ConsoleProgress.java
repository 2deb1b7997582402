package io.lazerofs.snapshotter.progress;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/**
 * Progress on a text console: running work drawn in place on a terminal, a line for finished work
 * elsewhere.
 */
public final class ConsoleProgress implements Progress {
  private static final long REDRAW_MILLIS = 100;
  private static final String UP_AND_ERASE = "\u001b[1A\u001b[2K";

  private final PrintStream out;
  private final boolean terminal;
  private final InstantSource clock;
  private final List<Running> running = new ArrayList<>();
  private int drawnLines;
  private long drawnMillis;

  /**
   * @param terminal whether {@code out} understands control sequences
   * @param clock what rates are measured with
   */
  public ConsoleProgress(PrintStream out, boolean terminal, InstantSource clock) {
    this.out = out;
    this.terminal = terminal;
    this.clock = clock;
  }

  /** Returns one that writes to standard error, whatever that is. */
  public static ConsoleProgress onStandardError(InstantSource clock) {
    return new ConsoleProgress(System.err, isTerminal(Path.of("/proc/self/fd/2")), clock);
  }

  private static boolean isTerminal(Path descriptor) {
    try {
      String target = Files.readSymbolicLink(descriptor).toString();
      return (target.startsWith("/dev/pts/") || target.startsWith("/dev/tty"))
          && !"dumb".equals(System.getenv("TERM"));
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public synchronized Task start(String name, long totalBytes) {
    Running task = new Running(name, totalBytes, clock.millis());
    running.add(task);
    redraw();
    return task;
  }

  @Override
  public synchronized void line(String text) {
    erase();
    out.println(text);
    redraw();
  }

  private synchronized void advanced() {
    if (clock.millis() - drawnMillis >= REDRAW_MILLIS) {
      redraw();
    }
  }

  private synchronized void ended(Running task) {
    running.remove(task);
    redraw();
  }

  private void redraw() {
    if (terminal) {
      erase();
      running.forEach(task -> out.println(task.bar(clock.millis())));
      drawnLines = running.size();
      drawnMillis = clock.millis();
      out.flush();
    }
  }

  private void erase() {
    out.print(UP_AND_ERASE.repeat(drawnLines));
    drawnLines = 0;
  }

  private final class Running implements Task {
    private static final int BAR_CELLS = 20;

    private final String name;
    private final long totalBytes;
    private final long startedMillis;
    private long bytes;
    private boolean ended;

    Running(String name, long totalBytes, long startedMillis) {
      this.name = name;
      this.totalBytes = totalBytes;
      this.startedMillis = startedMillis;
    }

    @Override
    public void accept(long more) {
      synchronized (ConsoleProgress.this) {
        bytes += more;
        advanced();
      }
    }

    @Override
    public void done(String outcome) {
      synchronized (ConsoleProgress.this) {
        ended = true;
        ended(this);
        long millis = clock.millis() - startedMillis;
        line(
            name
                + ": "
                + outcome
                + (bytes == 0
                    ? ""
                    : String.format(", %s in %.1f s", Sizes.text(bytes), millis / 1000.0)));
      }
    }

    @Override
    public void close() {
      synchronized (ConsoleProgress.this) {
        if (!ended) {
          ended = true;
          ended(this);
        }
      }
    }

    String bar(long nowMillis) {
      long rate = bytes * 1000 / Math.max(1, nowMillis - startedMillis);
      String amounts = Sizes.text(bytes);
      String cells = "";
      if (totalBytes > 0) {
        int full = (int) (Math.min(bytes, totalBytes) * BAR_CELLS / totalBytes);
        cells = "█".repeat(full) + "░".repeat(BAR_CELLS - full) + "  ";
        amounts += " / " + Sizes.text(totalBytes);
      }
      return name + "  " + cells + amounts + "  " + Sizes.text(rate) + "/s";
    }
  }
}
