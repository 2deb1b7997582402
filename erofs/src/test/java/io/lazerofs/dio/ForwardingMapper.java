package io.lazerofs.dio;

import java.io.IOException;

/** A file that does as another does, but for what is overridden. */
class ForwardingMapper implements Mapper {
  private final Mapper file;

  ForwardingMapper(Mapper file) {
    this.file = file;
  }

  @Override
  public long size() {
    return file.size();
  }

  @Override
  public int blockSize() {
    return file.blockSize();
  }

  @Override
  public Mapping begin(long offset, long length, Operation operation) throws IOException {
    return file.begin(offset, length, operation);
  }

  @Override
  public void end(Mapping mapping, long offset, long length, long done, Operation operation)
      throws IOException {
    file.end(mapping, offset, length, done, operation);
  }
}
