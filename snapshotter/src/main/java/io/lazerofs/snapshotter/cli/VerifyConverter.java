package io.lazerofs.snapshotter.cli;

import io.lazerofs.snapshotter.mount.Verify;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads off the command line what is done with layers that have no hash tree. */
final class VerifyConverter implements ITypeConverter<Verify> {
  @Override
  public Verify convert(String text) {
    return switch (text) {
      case "require" -> Verify.REQUIRE;
      case "when-possible" -> Verify.WHEN_POSSIBLE;
      default ->
          throw new TypeConversionException("'" + text + "' is neither require nor when-possible");
    };
  }
}
