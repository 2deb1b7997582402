package io.lazerofs.snapshotter.metrics;

import io.lazerofs.fuse.RequestStatistics.Latency;
import java.util.Locale;
import java.util.Map;

/**
 * A page of metrics in Prometheus's text format, version 0.0.4, in the making.
 *
 * <pre>{@code
 * # HELP lazerofs_fills_total Ranges that were asked of registries.
 * # TYPE lazerofs_fills_total counter
 * lazerofs_fills_total 17
 * }</pre>
 *
 * <p>For one thread at a time.
 */
final class Exposition {
  static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  private static final double NANOS_PER_SECOND = 1e9;

  private final StringBuilder text = new StringBuilder();

  /** Adds a number that only grows while the daemon lives. */
  void counter(String name, String help, long value) {
    head(name, "counter", help);
    line(name, "", value);
  }

  /** Adds numbers that only grow, by the values of one label; no lines while there are none. */
  void counters(String name, String help, String label, Map<String, Long> values) {
    head(name, "counter", help);
    values.forEach((word, value) -> line(name, label(label, word), value));
  }

  /** Adds a number that grows and shrinks. */
  void gauge(String name, String help, long value) {
    head(name, "gauge", help);
    line(name, "", value);
  }

  /** Adds numbers that grow and shrink, by the values of one label. */
  void gauges(String name, String help, String label, Map<String, Long> values) {
    head(name, "gauge", help);
    values.forEach((word, value) -> line(name, label(label, word), value));
  }

  /** Adds a constant 1 whose label tells something. */
  void info(String name, String help, String label, String word) {
    head(name, "gauge", help);
    line(name, label(label, word), 1);
  }

  /** Adds distributions of times, by the values of one label; buckets count what is below them. */
  void latencies(String name, String help, String label, Map<String, Latency> values) {
    head(name, "histogram", help);
    long[] bounds = Latency.boundsNanos();
    values.forEach((word, latency) -> {
      String own = label(label, word);
      long below = 0;
      for (int bucket = 0; bucket < bounds.length; bucket++) {
        below += latency.counts()[bucket];
        line(name + "_bucket", own + "," + label("le", seconds(bounds[bucket])), below);
      }
      line(name + "_bucket", own + "," + label("le", "+Inf"), latency.count());
      text.append("%s_sum{%s} %s\n".formatted(name, own, seconds(latency.nanos())));
      line(name + "_count", own, latency.count());
    });
  }

  private void head(String name, String type, String help) {
    text.append("# HELP %s %s\n# TYPE %s %s\n".formatted(name, help, name, type));
  }

  private void line(String name, String labels, long value) {
    text.append(name);
    if (!labels.isEmpty()) {
      text.append('{').append(labels).append('}');
    }
    text.append(' ').append(value).append('\n');
  }

  private static String label(String name, String value) {
    String escaped = value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    return name + "=\"" + escaped + "\"";
  }

  private static String seconds(long nanos) {
    return String.format(Locale.ROOT, "%.6f", nanos / NANOS_PER_SECOND);
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
