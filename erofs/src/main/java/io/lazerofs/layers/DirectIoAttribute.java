package io.lazerofs.layers;

import io.lazerofs.dio.DirectIo;
import io.lazerofs.dio.DirectIoSettings;
import io.lazerofs.dio.DirectIoSettings.Backing;
import io.lazerofs.erofs.Inode;
import io.lazerofs.erofs.disk.DataLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The extended attribute {@code user.lazerofs.dio} of a regular file, which tells programs what
 * FUSE has no words for: the fields that statx(2) has for direct I/O (STATX_DIOALIGN), and where
 * the bytes come from.
 *
 * <pre>{@code
 * $ getfattr --only-values -n user.lazerofs.dio file
 * offset_align=512 mem_align=1 read=direct backing=page-cache nowait=no
 * }</pre>
 *
 * <p>It is one line of words {@code key=value} with a blank between each two, without a line end.
 * Keys may be added; those that there are stay what they are:
 *
 * <ul>
 *   <li>{@code offset_align}: bytes that the offset and the length of an O_DIRECT read have to be
 *       multiples of for it to succeed anywhere in the file; 1 for anything, 0 where O_DIRECT is
 *       refused
 *   <li>{@code mem_align}: the same of the address that is read into
 *   <li>{@code read}: {@code direct}, {@code decode} for a compressed file, or {@code refused}
 *   <li>{@code backing}: {@code page-cache}, or {@code device} where O_DIRECT goes past it
 *   <li>{@code nowait}: whether RWF_NOWAIT works
 * </ul>
 *
 * <p>It is not listed, so that copies of a tree do not carry it along.
 */
final class DirectIoAttribute {
  private static final byte[] NAME = "user.lazerofs.dio".getBytes(StandardCharsets.US_ASCII);

  /** No file server can see how memory on the other side of the kernel is aligned. */
  private static final int ANY = 1;

  private static final int REFUSED = 0;

  private DirectIoAttribute() {}

  /** Whether it is the attribute of that name. */
  static boolean is(byte[] name) {
    return Arrays.equals(name, NAME);
  }

  /** Returns the value for a regular file. */
  static byte[] value(Inode file, int blockSize, DirectIoSettings settings) {
    boolean decoded = file.layout().compressed();
    boolean refused = decoded && settings.rejectsCompressed();
    boolean device = !decoded && settings.backing() == Backing.DEVICE;
    int offsetAlign =
        switch (settings.alignment()) {
          case STRICT -> DirectIo.strictAlignment(blockSize);
          case PER_MAPPING -> decoded || hasNoBlock(file, blockSize) ? ANY : DirectIo.SECTOR_BYTES;
          case NONE -> ANY;
        };
    return "offset_align=%d mem_align=%d read=%s backing=%s nowait=no"
        .formatted(
            refused ? REFUSED : offsetAlign,
            refused ? REFUSED : ANY,
            refused ? "refused" : decoded ? "decode" : "direct",
            device ? "device" : "page-cache")
        .getBytes(StandardCharsets.US_ASCII);
  }

  /** Whether all bytes lie beside the inode, where nothing is aligned, or there are none. */
  private static boolean hasNoBlock(Inode file, int blockSize) {
    return file.size() == 0 || (file.layout() == DataLayout.FLAT_INLINE && file.size() < blockSize);
  }
}
