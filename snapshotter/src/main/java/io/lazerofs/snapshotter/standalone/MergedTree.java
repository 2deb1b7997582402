package io.lazerofs.snapshotter.standalone;

import io.lazerofs.fuse.sys.MountCalls;
import io.lazerofs.sys.SystemCallException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One tree made of layers that are directories called 0 (the base), 1, …
 *
 * <p>It is mounted by mount(8) in the directory of the layers, so that their paths are a few digits
 * each: the options of mount(2) have to fit in a page, however many layers there are.
 *
 * @param layers the directory that holds them
 */
record MergedTree(Path layers, Path mountPoint) {
  private static final Logger LOG = LoggerFactory.getLogger(MergedTree.class);

  /**
   * Mounts the tree read-only.
   *
   * @param source what mount tables show as its source
   * @param count how many layers there are, at least 2
   */
  void mount(String source, int count) throws IOException {
    String lower =
        IntStream.iterate(count - 1, i -> i >= 0, i -> i - 1)
            .mapToObj(Integer::toString)
            .collect(Collectors.joining(":"));
    run(
        List.of(
            "mount", "-t", "overlay", "-o", "ro,lowerdir=" + lower, source, mountPoint.toString()));
  }

  private void run(List<String> command) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(layers.toFile()).redirectErrorStream(true);
    // fsconfig(2), which newer versions use, takes no value of more than 255 bytes.
    builder.environment().put("LIBMOUNT_FORCE_MOUNT2", "always");
    Process process = builder.start();
    process.getOutputStream().close();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    try {
      if (process.waitFor() != 0) {
        throw new IOException(mountPoint + ": cannot mount the layers: " + output);
      }
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while mounting " + mountPoint);
    }
  }

  /** Unmounts the tree; if it is in use, it disappears from the directory tree all the same. */
  void unmount() {
    try {
      MountCalls.unmount(mountPoint, MountCalls.DETACH);
    } catch (SystemCallException e) {
      LOG.debug("not mounted any more: {}", e.getMessage());
    }
  }
}
