package io.lazerofs.snapshotter.standalone;

import io.lazerofs.fuse.FileSystem;
import io.lazerofs.fuse.FuseOptions;
import io.lazerofs.fuse.FuseServer;
import io.lazerofs.fuse.MountedFileSystem;
import io.lazerofs.fuse.jnr.JnrFuseServer;
import io.lazerofs.fuse.sys.EffectiveUser;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Executor;

/** The two ways to serve a FUSE mount. */
public enum FuseKind {
  /** This process speaks to the kernel itself, and mounts: root's way. */
  RAW,
  /** libfuse does, by way of jnr-fuse, and has fusermount mount: the way of everybody else. */
  JNR;

  /** Returns the way that this process can take. */
  public static FuseKind ofThisUser() {
    return EffectiveUser.isRoot() ? RAW : JNR;
  }

  /**
   * Mounts a file system and returns when it can be used.
   *
   * @param waiters runs what waits for absent bytes, where that is not the threads of a library
   */
  public MountedFileSystem mount(
      Path mountPoint, FileSystem files, FuseOptions options, Executor waiters) throws IOException {
    return switch (this) {
      case RAW -> FuseServer.mount(mountPoint, files, options, waiters);
      case JNR -> JnrFuseServer.mount(mountPoint, files, options);
    };
  }
}
