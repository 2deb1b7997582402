package io.lazerofs.snapshotter.standalone;

import io.lazerofs.erofs.ClusterCache;
import io.lazerofs.erofs.ErofsException;
import io.lazerofs.erofs.ErofsImage;
import io.lazerofs.fuse.FuseOptions;
import io.lazerofs.fuse.FuseServer;
import io.lazerofs.layers.ImageFileSystem;
import io.lazerofs.source.ByteSource;
import io.lazerofs.source.MappedSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;

/** An EROFS image in a file of this machine, with the files of its extra devices. */
public record ImageFileMount(Path image, List<Path> devices) {

  /**
   * Mounts the image and serves it until it is unmounted, by whomever.
   *
   * @param root the directory that holds state
   * @param waiters runs what waits; all bytes are there, so hardly anything does
   * @param usable called once, when the mount can be used
   * @throws IOException when the image cannot be opened or mounted; nothing is left behind
   */
  public void serve(Path root, Path mountPoint, Executor waiters, Runnable usable)
      throws IOException {
    try (Serving serving = new Serving();
        Sources sources = new Sources()) {
      ErofsImage opened = open(sources);
      try (Claim claim = Claim.take(root, mountPoint)) {
        claim.record(image.toAbsolutePath().toString(), false);
        FuseServer server =
            FuseServer.mount(
                claim.mountPoint(),
                ImageFileSystem.of(opened),
                FuseOptions.defaults().withSourceName(image.toAbsolutePath().toString()),
                waiters);
        serving.untilEnd(server, server::close, usable);
      }
    }
  }

  private ErofsImage open(Sources sources) throws IOException {
    try {
      ByteSource primary = sources.open(image);
      List<ByteSource> extra = new ArrayList<>();
      for (Path device : devices) {
        extra.add(sources.open(device));
      }
      return ErofsImage.open(primary, extra, ClusterCache.ofBytes(ClusterCache.SERVER_BYTES));
    } catch (ErofsException e) {
      throw new IOException(image + ": " + e.getMessage(), e);
    }
  }

  /** Files that are open. */
  private static final class Sources implements AutoCloseable {
    private final List<ByteSource> opened = new ArrayList<>();

    ByteSource open(Path file) throws IOException {
      ByteSource source = MappedSource.open(file);
      opened.add(source);
      return source;
    }

    @Override
    public void close() throws IOException {
      for (ByteSource source : opened) {
        source.close();
      }
    }
  }
}
