package io.lazerofs.dio;

import io.lazerofs.dio.Mapper.Operation;
import java.io.IOException;

/** Gives mappings back whose part of a read failed; the failure stays the one that is told. */
final class Failure {
  private Failure() {}

  static void end(Mapper file, Mapping mapping, long offset, long length, Throwable first) {
    try {
      file.end(mapping, offset, length, 0, Operation.READ);
    } catch (IOException | RuntimeException later) {
      first.addSuppressed(later);
    }
  }
}
