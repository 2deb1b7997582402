package io.lazerofs.dio;

final class DirectReader {
  static final int ALIGNMENT = 512;

  private DirectReader() {}
}
