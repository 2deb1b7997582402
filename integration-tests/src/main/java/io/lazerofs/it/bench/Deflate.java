package io.lazerofs.it.bench;

import io.lazerofs.erofs.codec.CorruptStreamException;
import java.util.zip.Inflater;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;

/** DEFLATE: the JDK's Inflater, one for all. */
@OperationsPerInvocation(Pclusters.CONTENT)
public class Deflate extends Pclusters {

  public Deflate() {
    super("deflate");
  }

  @Benchmark
  public byte[] lazerofs() throws CorruptStreamException {
    return decodeAll();
  }

  @Benchmark
  public byte[] library() throws Exception {
    Inflater inflater = new Inflater(true);
    try {
      return decodeAll((stream, destination, length) -> {
        inflater.reset();
        inflater.setInput(stream);
        inflater.inflate(destination, 0, length);
      });
    } finally {
      inflater.end();
    }
  }
}
