package io.lazerofs.fuse;

import io.lazerofs.fuse.sys.MountCalls;
import io.lazerofs.sys.SystemCallException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of a mount: by umount2(2), or by fusermount, which does it for a user who may not, if
 * that user has mounted it.
 */
public final class Unmounting {
  private static final Logger log = LoggerFactory.getLogger(Unmounting.class);

  /** What came of it. */
  public enum Result {
    UNMOUNTED,
    NOT_MOUNTED,
    /** It is in use, and still there. */
    BUSY
  }

  private Unmounting() {}

  /**
   * Unmounts what is mounted on a directory.
   *
   * @param detach to take a busy mount out of the tree, too; it ends with its last user
   * @throws IOException when this user may not, or it fails otherwise
   */
  public static Result unmount(Path mountPoint, boolean detach) throws IOException {
    try {
      MountCalls.unmount(mountPoint, detach ? MountCalls.DETACH : 0);
      return Result.UNMOUNTED;
    } catch (SystemCallException e) {
      int errno = e.errno();
      if (errno == Errno.EBUSY.number()) {
        return Result.BUSY;
      }
      if (errno == Errno.EINVAL.number() || errno == Errno.ENOENT.number()) {
        return Result.NOT_MOUNTED;
      }
      if (errno == Errno.EPERM.number()) {
        return fusermount(mountPoint, detach);
      }
      throw e;
    }
  }

  /**
   * Takes the mount of a server down that is not needed any more. A busy one is detached: it
   * disappears from the tree at once, and is served until its last user is gone. What goes wrong is
   * logged.
   *
   * @return whether the session is to end at once, for all that this process knows
   */
  public static boolean takeDown(Path mountPoint) {
    try {
      if (unmount(mountPoint, false) != Result.BUSY) {
        return true;
      }
      log.info("{} is busy: it is detached, and served until its last user is gone", mountPoint);
      unmount(mountPoint, true);
    } catch (IOException e) {
      log.error("the mount stays", e);
    }
    return false;
  }

  private static Result fusermount(Path mountPoint, boolean detach) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
                List.of("fusermount", detach ? "-uz" : "-u", "--", mountPoint.toString()))
            .redirectErrorStream(true);
    builder.environment().put("LC_ALL", "C");
    Process process = builder.start();
    process.getOutputStream().close();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    try {
      if (process.waitFor() == 0) {
        return Result.UNMOUNTED;
      }
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while unmounting " + mountPoint);
    }
    if (output.contains("busy")) {
      return Result.BUSY;
    }
    if (output.contains("not found in") || output.contains("not mounted")) {
      return Result.NOT_MOUNTED;
    }
    throw new IOException(mountPoint + ": " + output);
  }
}
