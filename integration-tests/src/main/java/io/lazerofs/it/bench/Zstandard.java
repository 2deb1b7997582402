package io.lazerofs.it.bench;

import com.github.luben.zstd.Zstd;
import io.lazerofs.erofs.codec.CorruptStreamException;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;

/** Zstandard: a call of zstd-jni. */
@OperationsPerInvocation(Pclusters.CONTENT)
public class Zstandard extends Pclusters {

  public Zstandard() {
    super("zstd");
  }

  @Benchmark
  public byte[] lazerofs() throws CorruptStreamException {
    return decodeAll();
  }

  @Benchmark
  public byte[] library() throws Exception {
    return decodeAll((stream, destination, length) ->
        Zstd.decompressByteArray(destination, 0, length, stream, 0, stream.length));
  }
}
