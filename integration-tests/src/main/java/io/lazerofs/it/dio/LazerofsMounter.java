package io.lazerofs.it.dio;

import io.lazerofs.dio.DirectIoSettings;
import io.lazerofs.erofs.ErofsImage;
import io.lazerofs.fuse.FileSystem;
import io.lazerofs.fuse.FuseOptions;
import io.lazerofs.fuse.FuseServer;
import io.lazerofs.layers.ImageFileSystem;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A file system served by this process, the root of which is an image's. */
public record LazerofsMounter(FileSystem files) implements Side.Mounter {

  /** Returns a mounter of an image alone. */
  static LazerofsMounter of(ErofsImage image, DirectIoSettings settings) {
    return new LazerofsMounter(ImageFileSystem.of(image, settings));
  }

  @Override
  public Path mount(Path directory, Closing closing) throws IOException {
    ExecutorService waiters = Executors.newVirtualThreadPerTaskExecutor();
    closing.add(waiters::close);
    FuseServer server = FuseServer.mount(directory, files, FuseOptions.defaults(), waiters);
    closing.add(() -> {
      server.close();
      server.awaitEnd();
      if (server.requestsInFlight() != 0 || server.replyBuffersOut() != 0) {
        throw new IOException(
            "%d requests and %d buffers are left"
                .formatted(server.requestsInFlight(), server.replyBuffersOut()));
      }
    });
    return directory;
  }
}
