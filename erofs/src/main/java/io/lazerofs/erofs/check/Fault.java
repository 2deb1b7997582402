package io.lazerofs.erofs.check;

import io.lazerofs.erofs.CorruptImageException;
import io.lazerofs.erofs.ErofsException;
import io.lazerofs.erofs.UnsupportedFeatureException;

/**
 * Something that is wrong with an image.
 *
 * @param where what it was found in: a path, one character a byte (ISO 8859-1), or words such as
 *     {@code superblock} or {@code nid 36}
 * @param offset where, bytes from the start of the device that holds the bad record
 * @param what the field or record that is wrong
 * @param expected what it may be
 * @param actual what it is
 */
public record Fault(String where, long offset, String what, String expected, String actual) {

  /**
   * Returns the fault that an exception tells of.
   *
   * @param nearest an offset for exceptions that have none of their own
   */
  static Fault of(String where, long nearest, ErofsException e) {
    return switch (e) {
      case CorruptImageException corrupt ->
          new Fault(where, corrupt.offset(), corrupt.what(), corrupt.expected(), corrupt.actual());
      case UnsupportedFeatureException unsupported ->
          new Fault(
              where,
              nearest,
              unsupported.name(),
              "a feature that is supported",
              "0x%x".formatted(unsupported.bits()));
    };
  }
}
