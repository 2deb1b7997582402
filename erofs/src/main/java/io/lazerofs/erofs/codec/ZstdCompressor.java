package io.lazerofs.erofs.codec;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;

/** Makes Zstandard frames that say neither their content's size nor a checksum of it. */
final class ZstdCompressor implements SearchingEncoder.Compressor {
  private final ZstdCompressCtx context = new ZstdCompressCtx();

  /**
   * @param level 1 to 22
   * @param windowLog log2 of the largest window
   */
  ZstdCompressor(int level, int windowLog) {
    context.setLevel(level).setWindowLog(windowLog);
    context.setContentSize(false).setChecksum(false).setDictID(false);
  }

  @Override
  public int bound(int length) {
    return Math.toIntExact(Zstd.compressBound(length));
  }

  @Override
  public int compress(byte[] input, int start, int length, byte[] output) {
    return context.compressByteArray(output, 0, output.length, input, start, length);
  }

  @Override
  public void close() {
    context.close();
  }
}
