package io.lazerofs.snapshotter.inspect;

import io.lazerofs.erofs.check.Fault;
import java.io.PrintWriter;
import java.util.function.Consumer;

/** Faults as lines of text, the first of them; the rest are counted. For one thread. */
public final class FaultList implements Consumer<Fault> {

  /** More lines than anybody reads. */
  private static final long MAX_LINES = 1000;

  private final PrintWriter out;
  private long count;

  /**
   * @param out where the lines go
   */
  public FaultList(PrintWriter out) {
    this.out = out;
  }

  @Override
  public void accept(Fault fault) {
    count++;
    if (count <= MAX_LINES) {
      out.println(text(fault));
    }
  }

  /** Says how many faults had no line, if there are such. */
  public void end() {
    if (count > MAX_LINES) {
      out.printf("... and %d more%n", count - MAX_LINES);
    }
  }

  static String text(Fault fault) {
    return "%s: byte %d: %s: expected %s, found %s"
        .formatted(
            NameText.of(fault.where()),
            fault.offset(),
            fault.what(),
            fault.expected(),
            fault.actual());
  }
}
