package io.lazerofs.tar;

import java.util.List;
import java.util.SortedMap;

/**
 * A member of an archive, with everything that headers say about it. Texts are byte strings, see
 * the package.
 *
 * @param path as in the archive: it may begin with "./" or "/", and hold anything
 * @param permissions the low 12 bits of st_mode
 * @param uid owner, 0 to 4,294,967,295
 * @param gid group, likewise
 * @param size bytes of the file, holes included; 0 for everything but regular files
 * @param linkTarget of a hard link or symlink, empty for others
 * @param major number of a device, 0 for others
 * @param minor number of a device, 0 for others
 * @param xattrs values by full name
 * @param data where in the file the stored bytes go, ascending and apart; one range from 0 to
 *     {@code size} for an ordinary file that is not empty
 * @param offset where the entry's own header lies in the uncompressed archive
 */
public record TarEntry(
    String path,
    Type type,
    int permissions,
    long uid,
    long gid,
    Timestamp modified,
    long size,
    String linkTarget,
    long major,
    long minor,
    SortedMap<String, byte[]> xattrs,
    List<DataRange> data,
    long offset) {

  /** What an entry is. */
  public enum Type {
    REGULAR,
    HARD_LINK,
    SYMLINK,
    CHARACTER_DEVICE,
    BLOCK_DEVICE,
    DIRECTORY,
    FIFO
  }

  /** Returns the error that something about this entry is wrong. */
  public TarException failure(String problem) {
    return new TarException(path, offset, problem);
  }
}
