package io.lazerofs.snapshotter.cli;

import io.lazerofs.snapshotter.containerd.ContainerdVersion;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A version of containerd on the command line. */
final class ContainerdVersionConverter implements ITypeConverter<ContainerdVersion> {
  @Override
  public ContainerdVersion convert(String value) {
    try {
      return ContainerdVersion.parse(value);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(String.valueOf(e.getMessage()));
    }
  }
}
