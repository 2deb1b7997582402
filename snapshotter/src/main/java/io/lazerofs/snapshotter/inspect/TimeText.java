package io.lazerofs.snapshotter.inspect;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Points in time, in UTC to the nanosecond. */
final class TimeText {
  private static final DateTimeFormatter FORMAT =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSSSSS'Z'", Locale.ROOT);

  private TimeText() {}

  /** Returns the text, or the seconds since 1970 after an "@" for years that nobody can mean. */
  static String of(long seconds, int nanoseconds) {
    return seconds < Instant.MIN.getEpochSecond() || seconds > Instant.MAX.getEpochSecond()
        ? "@%d.%09d".formatted(seconds, nanoseconds)
        : FORMAT.format(LocalDateTime.ofEpochSecond(seconds, nanoseconds, ZoneOffset.UTC));
  }
}
