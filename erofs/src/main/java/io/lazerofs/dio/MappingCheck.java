package io.lazerofs.dio;

import io.lazerofs.source.ByteSource;

/**
 * What each answer of a {@link Mapper} must be before bytes are read by it: a run that holds the
 * byte that was asked for, and whose bytes in the file are all in its source. An image is untrusted
 * input, and a mapper works on what it says.
 */
final class MappingCheck {
  private MappingCheck() {}

  /**
   * Returns how many bytes of a mapping follow from {@code at} on, at least 1.
   *
   * @param at before the end of the file
   * @param size bytes in the file
   * @throws InvalidMappingException when the mapping cannot be
   */
  static long restOf(Mapping mapping, long at, long size) throws InvalidMappingException {
    if (!holds(mapping, at, size)) {
      throw new InvalidMappingException(at, mapping);
    }
    return mapping.length() - (at - mapping.offset());
  }

  /** Whether a mapping is one that can be, and holds the byte at {@code at}. */
  static boolean holds(Mapping mapping, long at, long size) {
    long offset = mapping.offset();
    long length = mapping.length();
    if (offset < 0 || offset > at || length > Long.MAX_VALUE - offset || at - offset >= length) {
      return false;
    }
    // The last block may reach past the end of the file, and its source end before it does.
    long inFile = Math.min(length, size - offset);
    return switch (mapping) {
      case Mapping.Mapped mapped -> has(mapped.source(), mapped.physical(), inFile);
      case Mapping.Inline inline -> has(inline.source(), inline.physical(), inFile);
      case Mapping.Hole _, Mapping.Encoded _ -> true;
    };
  }

  private static boolean has(ByteSource source, long physical, long length) {
    return physical >= 0 && length <= source.size() - physical;
  }
}
