package io.lazerofs.erofs.summary;

/**
 * A part of an image's content.
 *
 * @param count number of inodes or extents, as the map that holds this says
 * @param logicalBytes bytes of content
 * @param storedBytes bytes that these take on their devices, counted for each reference where
 *     several share them
 */
public record Share(long count, long logicalBytes, long storedBytes) {

  /** Nothing. */
  public static final Share NONE = new Share(0, 0, 0);

  /** Returns this and another part together. */
  public Share plus(Share other) {
    return new Share(
        count + other.count, logicalBytes + other.logicalBytes, storedBytes + other.storedBytes);
  }
}
