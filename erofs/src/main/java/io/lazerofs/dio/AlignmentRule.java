package io.lazerofs.dio;

import io.lazerofs.dio.DirectIoSettings.Alignment;

/** What the offset and the length of a direct read, or of a part of one, must be multiples of. */
record AlignmentRule(Alignment alignment) {

  /** Judges a whole request, before anything else is looked at. */
  void judgeRequest(Mapper file, long offset, long length) throws MisalignedException {
    if (alignment == Alignment.STRICT) {
      require(offset, length, DirectIo.strictAlignment(file.blockSize()));
    }
  }

  /** Judges the part of a request that lies in a mapping of a device. */
  void judgeMapped(long offset, long length) throws MisalignedException {
    if (alignment == Alignment.PER_MAPPING) {
      require(offset, length, DirectIo.SECTOR_BYTES);
    }
  }

  /** Whether a request that lies in one mapping of a device passes both. */
  boolean fitsMapped(Mapper file, long offset, long length) {
    return switch (alignment) {
      case PER_MAPPING -> fits(offset, length, DirectIo.SECTOR_BYTES);
      case STRICT -> fits(offset, length, DirectIo.strictAlignment(file.blockSize()));
      case NONE -> true;
    };
  }

  private static boolean fits(long offset, long length, int bytes) {
    return ((offset | length) & bytes - 1) == 0;
  }

  private static void require(long offset, long length, int bytes) throws MisalignedException {
    if (!fits(offset, length, bytes)) {
      throw new MisalignedException(offset, length, bytes);
    }
  }
}
