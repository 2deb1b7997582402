package io.lazerofs.dio;

/**
 * How O_DIRECT reads are treated; what is not read with O_DIRECT is not concerned.
 *
 * @param alignment what their offset and length must be multiples of
 * @param compressed whether compressed files may be opened with O_DIRECT
 * @param backing where their bytes come from
 */
public record DirectIoSettings(Alignment alignment, Compressed compressed, Backing backing) {

  /** What the kernel's EROFS does on a block device, but for compressed files, which decode. */
  public static final DirectIoSettings DEFAULT =
      new DirectIoSettings(Alignment.PER_MAPPING, Compressed.DECODE, Backing.PAGE_CACHE);

  /** Whether O_DIRECT is refused on compressed files. */
  public boolean rejectsCompressed() {
    return compressed == Compressed.REJECT;
  }

  /** What the offset and the length of a direct read must be multiples of. */
  public enum Alignment {
    /** 512 bytes for each part that lies on a device as it is; anything for all else. */
    PER_MAPPING,
    /** The file system's block for the whole request, before anything else is looked at. */
    STRICT,
    /** Nothing. */
    NONE
  }

  /** What becomes of direct I/O on compressed files. */
  public enum Compressed {
    /** They are decoded, whatever the alignment. */
    DECODE,
    /** To open one with O_DIRECT is refused (EINVAL), as the kernel's EROFS does. */
    REJECT
  }

  /** Where the bytes of a direct read come from. */
  public enum Backing {
    /** The page cache of the file that holds the blob. */
    PAGE_CACHE,
    /** The device below that file, past its page cache. */
    DEVICE
  }
}
