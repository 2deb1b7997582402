package io.lazerofs.files;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.lazerofs.sys.Descriptor;
import io.lazerofs.sys.SystemCallException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.Supplier;

/**
 * What O_DIRECT reads of a file have to be multiples of, bytes.
 *
 * @param memory the address in memory; a power of two, or 0 where there is no direct I/O
 * @param offset position in the file and length; likewise
 */
record DirectAlignment(int memory, int offset) {
  private static final int PAGE_BYTES = 4096;

  /** The largest logical block that Linux has, bytes: 64 KiB. */
  private static final int LARGEST_OFFSET = 64 << 10;

  private static final int ASKED = 0x2000; // STATX_DIOALIGN; Linux 6.1

  /** No sector is larger than a page, and no driver asks more of memory than a sector of 512. */
  private static final DirectAlignment UNTOLD = new DirectAlignment(512, 4096);

  /** Asks the kernel (include/uapi/linux/stat.h, stx_dio_mem_align and stx_dio_offset_align). */
  static DirectAlignment of(Descriptor file, Supplier<String> subject) throws SystemCallException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment statx = FileStatus.statx(arena, file, ASKED, subject);
      boolean told = (statx.get(JAVA_INT, 0) & ASKED) != 0;
      return told
          ? new DirectAlignment(statx.get(JAVA_INT, 152), statx.get(JAVA_INT, 156))
          : UNTOLD;
    }
  }

  /** Whether there is direct I/O, and buffers that are aligned to a page will do for it. */
  boolean isPossible() {
    return memory > 0 && memory <= PAGE_BYTES && offset > 0 && offset <= LARGEST_OFFSET;
  }

  boolean fits(long address, long position, long length) {
    return ((position | length) & offset - 1) == 0 && (address & memory - 1) == 0;
  }
}
