package io.lazerofs.snapshotter.cli;

import io.lazerofs.snapshotter.progress.Sizes;
import io.lazerofs.snapshotter.proto.StatisticsResponse;
import java.time.Duration;
import java.util.TreeMap;

/** What a daemon says of itself, for people: a line for each thing that there is to say. */
final class StatusText {
  private final StringBuilder text = new StringBuilder();

  private StatusText() {}

  static String of(StatisticsResponse statistics) {
    StatusText view = new StatusText();
    view.always(statistics);
    view.sometimes(statistics);
    return view.text.toString();
  }

  private void always(StatisticsResponse statistics) {
    line(
        "snapshotter",
        "version %s, process %d, up %s",
        statistics.getVersion(),
        statistics.getPid(),
        inWords(Duration.ofSeconds(statistics.getUptimeSeconds())));
    line(
        "fetched",
        "%s in %d requests",
        Sizes.text(statistics.getBytesFetched()),
        statistics.getRequests());
    line(
        "layers",
        "%d mounted, %s of their %s are here",
        statistics.getLayers(),
        Sizes.text(statistics.getPresentBytes()),
        Sizes.text(statistics.getTotalBytes()));
    line(
        "reads",
        "%d under way, %d ended in an error",
        statistics.getReaders(),
        statistics.getErrors());
    line(
        "cache",
        "%s of at most %s, %s evicted",
        Sizes.text(statistics.getCacheBytes()),
        Sizes.text(statistics.getCacheMaxBytes()),
        Sizes.text(statistics.getEvictedBytes()));
  }

  private void sometimes(StatisticsResponse statistics) {
    if (statistics.getPrefetchedBytes() > 0) {
      line("ahead", "%s for starting containers", Sizes.text(statistics.getPrefetchedBytes()));
    }
    if (statistics.getPrefetchFailures() > 0) {
      line("not ahead", "%d ranges could not be fetched", statistics.getPrefetchFailures());
    }
    if (statistics.getBackgroundBytes() > 0) {
      line("background", "%s while nobody read", Sizes.text(statistics.getBackgroundBytes()));
    }
    statistics
        .getFallbacksMap()
        .forEach((reason, count) -> line("not lazily", "%d: %s", count, reason));
    if (statistics.getUnverifiedLayers() > 0) {
      line(
          "unverified",
          "%d layers have no hash tree and are not complete",
          statistics.getUnverifiedLayers());
    }
    if (statistics.getPassThroughBytes() > 0) {
      line(
          "not kept",
          "%s were fetched while the cache's disk failed or was full",
          Sizes.text(statistics.getPassThroughBytes()));
    }
    if (statistics.getRetries() > 0) {
      line("retries", "%d", statistics.getRetries());
    }
    new TreeMap<>(statistics.getSourcesMap())
        .forEach((host, state) -> line("source", "%s: %s", host, state));
    if (statistics.getPageCacheFallbacks() > 0) {
      line(
          "not direct",
          "%d reads went through the page cache of the blobs, not to the device",
          statistics.getPageCacheFallbacks());
    }
    if (statistics.getVerificationFailures() > 0) {
      line(
          "wrong bytes",
          "%d blocks were not those of their layer's hash tree, and were refused",
          statistics.getVerificationFailures());
    }
    statistics.getSetAsideList().forEach(what -> line("set aside", "%s", what));
  }

  private void line(String subject, String format, Object... arguments) {
    if (!text.isEmpty()) {
      text.append('\n');
    }
    text.append("%-13s ".formatted(subject)).append(format.formatted(arguments));
  }

  /** Returns the two largest units of a time: "3 d 4 h", "12 min 5 s". */
  static String inWords(Duration time) {
    if (time.toDays() > 0) {
      return "%d d %d h".formatted(time.toDays(), time.toHoursPart());
    }
    if (time.toHours() > 0) {
      return "%d h %d min".formatted(time.toHours(), time.toMinutesPart());
    }
    return time.toMinutes() > 0
        ? "%d min %d s".formatted(time.toMinutes(), time.toSecondsPart())
        : time.toSeconds() + " s";
  }
}
