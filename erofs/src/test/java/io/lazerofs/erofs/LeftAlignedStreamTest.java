package io.lazerofs.erofs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lazerofs.erofs.disk.DataLayout;
import io.lazerofs.erofs.disk.FullIndex;
import io.lazerofs.erofs.disk.IncompatibleFeature;
import io.lazerofs.erofs.disk.LclusterType;
import io.lazerofs.erofs.disk.MapHeader;
import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Images from before Linux 5.3 have their LZ4 streams at the start of blocks. */
class LeftAlignedStreamTest {
  private static final int BLOCK = 10;

  /** Returns an image whose nid 4 has the first five of eight bytes that a pcluster decodes to. */
  private static TinyImage image() {
    TinyImage tiny =
        new TinyImage(16).inode(4, TinyImage.compact(DataLayout.COMPRESSED_FULL, 0100644, 5, 1));
    int header = tiny.offset(5);
    new MapHeader(0, 0, 0, 0).encode(tiny.memory, header);
    FullIndex.head(LclusterType.HEAD1, false, 0, BLOCK)
        .encode(tiny.memory, header + MapHeader.SIZE + FullIndex.RESERVED);
    Arrays.fill(tiny.bytes, BLOCK * 512, (BLOCK + 1) * 512, (byte) 0);
    return tiny.put(BLOCK * 512L, 0x80, 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h');
  }

  @Test
  void theyMayHoldMoreThanTheFileUsesAsTheKernelHasIt() throws IOException {
    ErofsImage image = image().open();
    assertThat(Trees.content(image, image.inode(4))).asString().isEqualTo("abcde");
  }

  @Test
  void thoseAtTheEndOfBlocksMayNot() throws IOException {
    TinyImage tiny = image();
    tiny.incompatible = IncompatibleFeature.ZERO_PADDING.bit();
    System.arraycopy(tiny.bytes, BLOCK * 512, tiny.bytes, BLOCK * 512 + 503, 9);
    Arrays.fill(tiny.bytes, BLOCK * 512, BLOCK * 512 + 503, (byte) 0);
    ErofsImage image = tiny.open();
    assertThatExceptionOfType(CorruptImageException.class)
        .isThrownBy(() -> Trees.content(image, image.inode(4)));
  }
}
