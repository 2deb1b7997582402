package io.lazerofs.snapshotter.cli;

import io.lazerofs.snapshotter.standalone.FuseKind;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads the way to serve a mount off the command line. */
final class FuseKindConverter implements ITypeConverter<FuseKind> {
  @Override
  public FuseKind convert(String text) {
    return switch (text) {
      case "raw" -> FuseKind.RAW;
      case "jnr" -> FuseKind.JNR;
      default -> throw new TypeConversionException("'" + text + "' is neither raw nor jnr");
    };
  }
}
