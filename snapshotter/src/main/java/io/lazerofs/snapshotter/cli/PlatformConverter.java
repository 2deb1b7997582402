package io.lazerofs.snapshotter.cli;

import io.lazerofs.fetcher.registry.Platform;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a platform off the command line. */
final class PlatformConverter implements ITypeConverter<Platform> {
  @Override
  public Platform convert(String text) {
    try {
      return Platform.parse(text);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }
}
