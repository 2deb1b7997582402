package io.lazerofs.erofs.codec;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import java.nio.ByteBuffer;
import java.util.Objects;

/** Decodes one Zstandard frame, RFC 8878. */
final class ZstdDecoder implements Decoder {
  static final ZstdDecoder INSTANCE = new ZstdDecoder();

  private final Pool<State> states = new Pool<>(State::new, State::free);

  private ZstdDecoder() {}

  @Override
  public void decode(
      byte[] source, int start, int end, byte[] destination, int length, boolean partial)
      throws CorruptStreamException {
    Objects.checkFromIndexSize(0, length, destination.length);
    decode(source, start, end, ByteBuffer.wrap(destination, 0, length), partial);
  }

  @Override
  public void decode(byte[] source, int start, int end, ByteBuffer destination, boolean partial)
      throws CorruptStreamException {
    Objects.checkFromToIndex(start, end, source.length);
    int length = destination.remaining();
    ZstdFrame frame = ZstdFrame.at(source, start, end);
    boolean whole = !partial || frame.holds(length);
    State state = states.take();
    try {
      if (whole) {
        state.decodeFrame(source, start, end, destination);
      } else {
        state.decodeHead(source, start, end, destination);
      }
    } catch (ZstdException e) {
      throw e.getErrorCode() == Zstd.errDstSizeTooSmall() && whole
          ? CorruptStreamException.holdsMore(length)
          : failed(String.valueOf(e.getMessage()));
    } finally {
      state.context.reset();
      states.give(state);
    }
  }

  private static CorruptStreamException failed(String reason) {
    return CorruptStreamException.somewhere("no Zstandard frame: " + reason);
  }

  /** A native context, and the native memory that its streaming form goes through. */
  private static final class State {
    /** The largest block of a frame, so that each step gives one; ZSTD_BLOCKSIZE_MAX. */
    private static final int CHUNK = 128 << 10;

    private final ZstdDecompressCtx context = new ZstdDecompressCtx();
    private final ByteBuffer in = ByteBuffer.allocateDirect(CHUNK);
    private final ByteBuffer out = ByteBuffer.allocateDirect(CHUNK);

    private void free() {
      context.close();
    }

    /** Decodes a frame that should fill {@code destination}, in one step. */
    private void decodeFrame(byte[] source, int start, int end, ByteBuffer destination)
        throws CorruptStreamException {
      long size = Zstd.findFrameCompressedSize(source, start, end - start);
      if (Zstd.isError(size)) {
        throw failed(Zstd.getErrorName(size));
      }
      int length = destination.remaining();
      int held = decompress(source, start, Math.toIntExact(size), destination);
      if (held < length) {
        throw CorruptStreamException.holdsLess(held, length);
      }
      destination.position(destination.limit());
    }

    private int decompress(byte[] source, int start, int size, ByteBuffer destination) {
      int at = destination.position();
      int length = destination.remaining();
      return destination.isDirect()
          ? context.decompressByteArrayToDirectByteBuffer(
              destination, at, length, source, start, size)
          : context.decompressByteArray(
              destination.array(), destination.arrayOffset() + at, length, source, start, size);
    }

    /** Decodes as much of a frame as there is room for and lets the rest be. */
    private void decodeHead(byte[] source, int start, int end, ByteBuffer destination)
        throws CorruptStreamException {
      int length = destination.remaining();
      int read = start;
      boolean ended = false;
      in.clear().limit(0);
      while (destination.hasRemaining() && !ended) {
        if (!in.hasRemaining()) {
          int count = Math.min(end - read, CHUNK);
          in.clear().put(source, read, count).flip();
          read += count;
        }
        int unread = in.remaining();
        out.clear().limit(Math.min(CHUNK, destination.remaining()));
        ended = context.decompressDirectByteBufferStream(out, in);
        int count = out.flip().remaining();
        destination.put(out);
        if (count == 0 && in.remaining() == unread && !ended) {
          throw CorruptStreamException.endsEarly(end - start);
        }
      }
      if (destination.hasRemaining()) {
        throw CorruptStreamException.holdsLess(length - destination.remaining(), length);
      }
    }
  }
}
