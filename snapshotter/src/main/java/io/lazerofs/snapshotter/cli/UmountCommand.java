package io.lazerofs.snapshotter.cli;

import io.lazerofs.snapshotter.standalone.Unmount;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code lazerofs umount}: the end of a mount and of the process that serves it. */
@Command(
    name = "umount",
    description = "Unmount what lazerofs mount has mounted; returns when it is gone.")
final class UmountCommand implements Callable<Integer> {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @Parameters(paramLabel = "DIR", description = "Where it is mounted.")
  private Path directory;

  @Mixin private RootOption root;

  @SuppressWarnings("NullAway.Init") // parameters are set by picocli
  UmountCommand() {}

  @Override
  public Integer call() throws IOException {
    Unmount.unmount(root.directory(), directory, PATIENCE);
    return 0;
  }
}
