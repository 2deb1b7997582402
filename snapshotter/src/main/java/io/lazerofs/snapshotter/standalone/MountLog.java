package io.lazerofs.snapshotter.standalone;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Where a process that serves a mount in the background says what is wrong. */
public final class MountLog {
  private final MountHome home;

  private MountLog(MountHome home) {
    this.home = home;
  }

  /**
   * Returns the log of what is or is to be mounted on {@code named}.
   *
   * @param root the directory that holds state; made when it is missing
   */
  public static MountLog of(Path root, Path named) throws IOException {
    MountHome home = MountHome.of(root, MountPoint.of(named));
    home.makeParent();
    return new MountLog(home);
  }

  public Path file() {
    return home.log();
  }

  /** Returns how long the log is, in bytes; 0 when there is none. */
  public long length() throws IOException {
    return Files.exists(file()) ? Files.size(file()) : 0;
  }

  /** Returns what was written after the log had the length {@code begin}, in bytes. */
  public String since(long begin) throws IOException {
    byte[] all = Files.readAllBytes(file());
    return new String(
        Arrays.copyOfRange(all, (int) Math.min(begin, all.length), all.length),
        StandardCharsets.UTF_8);
  }

  /** Deletes the log unless a mount is there that writes to it. */
  public void discard() throws IOException {
    if (!Files.exists(home.directory())) {
      Files.deleteIfExists(file());
    }
  }
}
