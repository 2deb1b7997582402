package io.lazerofs.fetcher.logging;

import io.lazerofs.source.Digest;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/**
 * What the lines of the log are about that this thread writes until the scope is closed; then they
 * are about what they were about before. For one thread, and not handed on to those that it starts.
 */
public final class LogScope implements AutoCloseable {
  public static final String SNAPSHOT = "snapshot";
  public static final String LAYER = "layer";
  public static final String IMAGE = "image";

  /** Keys and references come from outside, and a line is not to be made of nothing else. */
  private static final int LONGEST = 256;

  private record Entry(String key, @Nullable String before) {}

  private final Deque<Entry> entries = new ArrayDeque<>();

  private LogScope() {}

  /** Opens the scope of a snapshot. */
  public static LogScope snapshot(String key) {
    return new LogScope().with(SNAPSHOT, key);
  }

  /** Opens the scope of a layer. */
  public static LogScope layer(Digest blob) {
    return new LogScope().with(LAYER, blob.toString());
  }

  /**
   * Opens the scope of a layer of an image.
   *
   * @param image its reference
   */
  public static LogScope layer(Digest blob, String image) {
    return layer(blob).with(IMAGE, image);
  }

  private LogScope with(String key, String value) {
    entries.push(new Entry(key, MDC.get(key)));
    MDC.put(key, harmless(value));
    return this;
  }

  /** Returns a text that cannot end its line and begin another. */
  private static String harmless(String value) {
    String shortened = value.length() <= LONGEST ? value : value.substring(0, LONGEST) + "…";
    return shortened.replaceAll("\\p{Cntrl}", "?");
  }

  @Override
  public void close() {
    while (!entries.isEmpty()) {
      Entry entry = entries.pop();
      if (entry.before == null) {
        MDC.remove(entry.key);
      } else {
        MDC.put(entry.key, entry.before);
      }
    }
  }
}
