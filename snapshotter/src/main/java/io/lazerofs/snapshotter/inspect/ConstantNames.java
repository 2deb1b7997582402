package io.lazerofs.snapshotter.inspect;

import java.util.Locale;

/** Names of constants as keys of JSON and words of text: {@code flat_inline}, {@code zstd}. */
final class ConstantNames {
  private ConstantNames() {}

  static String of(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
