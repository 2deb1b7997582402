package io.lazerofs.erofs;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** Takes the entries of a directory, one by one. */
@FunctionalInterface
public interface DirectoryVisitor {

  /**
   * Takes one entry.
   *
   * @param name its raw name of 1 to 255 bytes, valid during the call only
   * @param nid its inode
   * @param type its DT_* type: the format bits of st_mode, shifted right by 12; 0 where the
   *     directory does not tell
   * @param next the position of the entry after it
   * @return false to end the listing
   */
  boolean visit(MemorySegment name, long nid, int type, long next) throws IOException;
}
