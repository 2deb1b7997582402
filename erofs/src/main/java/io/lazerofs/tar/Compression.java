package io.lazerofs.tar;

import com.github.luben.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Locale;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.jspecify.annotations.Nullable;
import org.tukaani.xz.XZInputStream;

/** How a tar stream is compressed; the stream itself says it by its first bytes. */
public enum Compression {
  NONE,
  GZIP,
  ZSTD,
  XZ;

  private static final int MAGIC_BYTES = 6;
  private static final byte[] GZIP_MAGIC = {0x1f, (byte) 0x8b};
  private static final byte[] ZSTD_MAGIC = {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd};
  private static final byte[] ZSTD_SKIPPABLE_MAGIC = {0x2a, 0x4d, 0x18};
  private static final byte[] XZ_MAGIC = {(byte) 0xfd, '7', 'z', 'X', 'Z', 0};

  private static final int BUFFER = 128 * 1024;

  /** Memory that an xz stream may ask for, KiB: twice what the highest preset of xz needs. */
  private static final int XZ_MEMORY = 128 * 1024;

  /** Says that compressed data ends early or is damaged. */
  static final class DamagedException extends IOException {
    private static final long serialVersionUID = 1L;

    private final String problem;

    private DamagedException(Compression compression, IOException cause) {
      super(cause);
      problem =
          "the "
              + compression.name().toLowerCase(Locale.ROOT)
              + " stream is damaged or ends early: "
              + cause.getMessage();
    }

    String problem() {
      return problem;
    }
  }

  /**
   * Returns the uncompressed bytes of a stream. Streams of several members or frames are read to
   * the end of the last one. Closing what is returned frees a decoder's memory; {@code in} stays
   * open and its owner's.
   *
   * @throws TarException when the head of the compressed data is damaged already
   * @throws IOException when {@code in} cannot be read
   */
  public static InputStream open(InputStream in) throws IOException {
    BufferedInputStream buffered = new BufferedInputStream(in, BUFFER);
    buffered.mark(MAGIC_BYTES);
    byte[] magic = buffered.readNBytes(MAGIC_BYTES);
    buffered.reset();
    Compression compression = of(magic);
    Source source = new Source(buffered);
    try {
      return compression == NONE ? source : new Decompressing(compression, source);
    } catch (DamagedException e) {
      throw new TarException("", 0, e.problem(), e);
    }
  }

  private static Compression of(byte[] head) {
    if (begins(head, 0, GZIP_MAGIC)) {
      return GZIP;
    }
    boolean skippable =
        head.length > 0 && (head[0] & 0xf0) == 0x50 && begins(head, 1, ZSTD_SKIPPABLE_MAGIC);
    if (skippable || begins(head, 0, ZSTD_MAGIC)) {
      return ZSTD;
    }
    return begins(head, 0, XZ_MAGIC) ? XZ : NONE;
  }

  private static boolean begins(byte[] head, int from, byte[] magic) {
    int to = from + magic.length;
    return head.length >= to && Arrays.equals(head, from, to, magic, 0, magic.length);
  }

  private InputStream decoder(InputStream in) throws IOException {
    return switch (this) {
      case NONE -> in;
      case GZIP ->
          GzipCompressorInputStream.builder()
              .setInputStream(in)
              .setDecompressConcatenated(true)
              .get();
      case ZSTD -> new ZstdInputStream(in);
      case XZ -> new XZInputStream(in, XZ_MEMORY);
    };
  }

  /** The bytes as they come; remembers when reading them failed, which is not the data's fault. */
  private static final class Source extends FilterInputStream {
    private @Nullable IOException failure;

    private Source(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      try {
        return in.read();
      } catch (IOException e) {
        failure = e;
        throw e;
      }
    }

    @Override
    public int read(byte[] bytes, int start, int length) throws IOException {
      try {
        return in.read(bytes, start, length);
      } catch (IOException e) {
        failure = e;
        throw e;
      }
    }

    @Override
    public void close() {
      // Whoever opened the stream closes it.
    }
  }

  /** The uncompressed bytes; tells what the decoder dislikes from what the source failed with. */
  private static final class Decompressing extends InputStream {
    private final Compression compression;
    private final Source source;
    private final InputStream decoded;

    private Decompressing(Compression compression, Source source) throws IOException {
      this.compression = compression;
      this.source = source;
      try {
        decoded = compression.decoder(source);
      } catch (IOException e) {
        throw judged(e);
      }
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
    }

    @Override
    public int read(byte[] bytes, int start, int length) throws IOException {
      try {
        return decoded.read(bytes, start, length);
      } catch (IOException e) {
        throw judged(e);
      }
    }

    @Override
    public void close() throws IOException {
      decoded.close();
    }

    private IOException judged(IOException e) {
      IOException failure = source.failure;
      return failure != null ? failure : new DamagedException(compression, e);
    }
  }
}
