package io.lazerofs.dio;

import io.lazerofs.dio.DirectIoSettings.Alignment;
import io.lazerofs.dio.DirectIoSettings.Backing;
import io.lazerofs.dio.DirectIoSettings.Compressed;

/** Engines whose settings are not the default ones. */
final class Settings {
  private Settings() {}

  static DirectIo strict() {
    return new DirectIo(of(Alignment.STRICT, Backing.PAGE_CACHE));
  }

  static DirectIo unaligned() {
    return new DirectIo(of(Alignment.NONE, Backing.PAGE_CACHE));
  }

  static DirectIo device() {
    return new DirectIo(of(Alignment.PER_MAPPING, Backing.DEVICE));
  }

  static DirectIoSettings of(Alignment alignment, Backing backing) {
    return new DirectIoSettings(alignment, Compressed.DECODE, backing);
  }
}
