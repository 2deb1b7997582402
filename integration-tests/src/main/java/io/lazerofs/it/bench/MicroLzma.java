package io.lazerofs.it.bench;

import io.lazerofs.erofs.codec.CorruptStreamException;
import java.io.ByteArrayInputStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.tukaani.xz.LZMAInputStream;

/** MicroLZMA: XZ for Java's LZMAInputStream on an array. */
@OperationsPerInvocation(Pclusters.CONTENT)
public class MicroLzma extends Pclusters {
  /** lc = 3, lp = 0, pb = 2, as the presets have them. */
  private static final byte PROPERTIES = 0x5d;

  public MicroLzma() {
    super("lzma:1");
  }

  @Benchmark
  public byte[] lazerofs() throws CorruptStreamException {
    return decodeAll();
  }

  @Benchmark
  public byte[] library() throws Exception {
    return decodeAll((stream, destination, length) -> {
      byte[] raw = stream.clone();
      raw[0] = 0;
      try (LZMAInputStream in =
          new LZMAInputStream(new ByteArrayInputStream(raw), length, PROPERTIES, length)) {
        in.read(destination, 0, length);
      }
    });
  }
}
