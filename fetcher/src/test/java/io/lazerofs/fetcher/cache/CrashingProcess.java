package io.lazerofs.fetcher.cache;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;

/** A process that lives a {@link CrashScenario} and ends at a point of it, as kill -9 would. */
final class CrashingProcess {
  static final int STATUS = 86;

  private CrashingProcess() {}

  /** A real disk, which never fails. */
  private static final class RealDisk implements CrashScenario.Disk {
    @Override
    public FileChannel open(Path file, OpenOption... options) throws IOException {
      return FileChannel.open(file, options);
    }

    @Override
    public void failForce(boolean fails) {
      // The points of a disk that fails are not for a real one.
    }

    @Override
    public void fill(boolean full) {
      // As above.
    }
  }

  /** Takes a cache's directory and the name of a point. */
  public static void main(String[] arguments) throws IOException {
    CrashPoint end = CrashPoint.valueOf(arguments[1]);
    new CrashScenario()
        .run(
            Path.of(arguments[0]),
            new RealDisk(),
            point -> {
              if (point == end) {
                Runtime.getRuntime().halt(STATUS);
              }
            });
  }
}
