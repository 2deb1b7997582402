package io.lazerofs.snapshotter.standalone;

import io.lazerofs.dio.DirectIoSettings;
import io.lazerofs.erofs.ErofsImage;
import io.lazerofs.files.FileSystemType;
import io.lazerofs.fuse.FuseOptions;
import io.lazerofs.fuse.MountedFileSystem;
import io.lazerofs.layers.ImageFileSystem;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Executor;

/** An EROFS image in a file of this machine, with the files of its extra devices. */
public record ImageFileMount(
    Path image, List<Path> devices, DirectIoSettings directIo, FuseKind fuse) {

  /**
   * Mounts the image and serves it until it is unmounted, by whomever.
   *
   * @param root the directory that holds state
   * @param waiters runs what waits; all bytes are there, so hardly anything does
   * @param usable called once, when the mount can be used
   * @throws IOException when the image cannot be opened or mounted, or lies on a mount of lazerofs;
   *     nothing is left behind
   */
  public void serve(Path root, Path mountPoint, Executor waiters, Runnable usable)
      throws IOException {
    FileSystemType.requireNotServed(image);
    for (Path device : devices) {
      FileSystemType.requireNotServed(device);
    }
    try (ImageFile file = ImageFile.open(image, devices)) {
      ErofsImage opened = file.erofs();
      try (Claim claim = Claim.take(root, mountPoint)) {
        claim.record(image.toAbsolutePath().toString(), false);
        MountedFileSystem server =
            fuse.mount(
                claim.mountPoint(),
                ImageFileSystem.of(opened, directIo),
                FuseOptions.defaults().withSourceName(image.toAbsolutePath().toString()),
                waiters);
        Serving.untilEnd(server, server::close, () -> {}, usable);
      }
    }
  }
}
