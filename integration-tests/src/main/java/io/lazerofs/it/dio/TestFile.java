package io.lazerofs.it.dio;

import java.util.List;

/**
 * A regular file of an image.
 *
 * @param path from the root, with a slash before it; one character a byte
 * @param size bytes
 * @param compressed whether its content is stored compressed
 * @param borders bytes at which something begins or ends, ascending: extents, chunks, the file
 * @param mapped the runs that lie on a device as they are, ascending
 */
record TestFile(String path, long size, boolean compressed, List<Long> borders, List<Run> mapped) {

  /**
   * Bytes of a file that lie in one place.
   *
   * @param end where they end, after the last; in whole blocks, so it may be past the file's end
   */
  record Run(long start, long end) {}

  @Override
  public String toString() {
    return path + " (" + size + " bytes" + (compressed ? ", compressed)" : ")");
  }
}
