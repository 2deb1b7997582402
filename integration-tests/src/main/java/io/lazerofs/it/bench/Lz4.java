package io.lazerofs.it.bench;

import io.lazerofs.erofs.codec.CorruptStreamException;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4FastDecompressor;
import net.jpountz.lz4.LZ4SafeDecompressor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;

/** LZ4: lz4-java's bindings of the C library. */
@OperationsPerInvocation(Pclusters.CONTENT)
public class Lz4 extends Pclusters {
  private static final LZ4Factory FACTORY = LZ4Factory.nativeInstance();

  private final LZ4SafeDecompressor safe = FACTORY.safeDecompressor();
  private final LZ4FastDecompressor fast = FACTORY.fastDecompressor();

  public Lz4() {
    super("lz4hc");
  }

  @Benchmark
  public byte[] lazerofs() throws CorruptStreamException {
    return decodeAll();
  }

  @Benchmark
  public byte[] library() throws Exception {
    return decodeAll((stream, destination, length) ->
        safe.decompress(stream, 0, stream.length, destination, 0, length));
  }

  /** The decompressor that trusts the stream. */
  @Benchmark
  public byte[] fastLibrary() throws Exception {
    return decodeAll(
        (stream, destination, length) -> fast.decompress(stream, 0, destination, 0, length));
  }
}
