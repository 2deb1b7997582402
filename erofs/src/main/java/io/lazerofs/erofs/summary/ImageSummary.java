package io.lazerofs.erofs.summary;

import io.lazerofs.erofs.ErofsImage;
import io.lazerofs.erofs.disk.DataLayout;
import io.lazerofs.erofs.disk.FileType;
import java.io.IOException;
import java.util.Map;

/**
 * An image in numbers.
 *
 * @param inodes number of inodes of each type that a name leads to
 * @param names number of names, "." and ".." not counted
 * @param layouts the inodes of each data layout that have content, the packed inode and the metabox
 *     included
 * @param storage the extents of these by how they are stored
 * @param xattrs extended attributes of all inodes
 * @param faults number of inodes, entries and extents that could not be read
 */
public record ImageSummary(
    Map<FileType, Long> inodes,
    long names,
    Map<DataLayout, Share> layouts,
    Map<Storage, Share> storage,
    Xattrs xattrs,
    long faults) {

  /**
   * Extended attributes.
   *
   * @param inodes number of inodes that have some
   * @param inline number of those stored beside their inodes
   * @param shared number of references to shared ones
   * @param valueBytes bytes of all values, counted for each reference
   */
  public record Xattrs(long inodes, long inline, long shared, long valueBytes) {}

  /**
   * Walks an image and counts.
   *
   * @throws IOException what the image's sources throw; what is wrong with the image is counted
   */
  public static ImageSummary of(ErofsImage image) throws IOException {
    return new Summarizer(image).run();
  }
}
