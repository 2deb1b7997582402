package io.lazerofs.snapshotter.daemon;

import io.lazerofs.dio.DirectIoSettings;
import io.lazerofs.dio.DirectIoSettings.Alignment;
import io.lazerofs.dio.DirectIoSettings.Backing;
import io.lazerofs.dio.DirectIoSettings.Compressed;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The settings of direct I/O as users write them: {@code alignment = per-mapping}. */
public final class DirectIoWords {
  private static final String ALIGNMENT = "alignment";
  private static final String COMPRESSED = "compressed";
  private static final String BACKING = "backing";

  /** The names of the settings. */
  public static final List<String> KEYS = List.of(ALIGNMENT, COMPRESSED, BACKING);

  private DirectIoWords() {}

  /**
   * Returns {@code settings} with another value of one of them.
   *
   * @param key one of {@link #KEYS}
   * @throws IllegalArgumentException when there is no such key or value; says which there are
   */
  public static DirectIoSettings with(DirectIoSettings settings, String key, String word) {
    Alignment alignment = settings.alignment();
    Compressed compressed = settings.compressed();
    Backing backing = settings.backing();
    switch (key) {
      case ALIGNMENT -> alignment = choose(Alignment.values(), word);
      case COMPRESSED -> compressed = choose(Compressed.values(), word);
      case BACKING -> backing = choose(Backing.values(), word);
      default -> throw new IllegalArgumentException("one of " + String.join(", ", KEYS));
    }
    return new DirectIoSettings(alignment, compressed, backing);
  }

  private static <E extends Enum<E>> E choose(E[] values, String word) {
    for (E value : values) {
      if (word(value).equals(word)) {
        return value;
      }
    }
    throw new IllegalArgumentException(
        Arrays.stream(values)
            .map(value -> '"' + word(value) + '"')
            .collect(Collectors.joining(" or ")));
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
