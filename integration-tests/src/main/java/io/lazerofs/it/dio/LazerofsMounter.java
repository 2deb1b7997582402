package io.lazerofs.it.dio;

import io.lazerofs.dio.DirectIoSettings;
import io.lazerofs.erofs.ErofsImage;
import io.lazerofs.fuse.FuseOptions;
import io.lazerofs.fuse.FuseServer;
import io.lazerofs.layers.ImageFileSystem;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** An image served by this process. */
record LazerofsMounter(ErofsImage image) implements Side.Mounter {

  @Override
  public void mount(Path directory, Closing closing) throws IOException {
    ExecutorService waiters = Executors.newVirtualThreadPerTaskExecutor();
    closing.add(waiters::close);
    FuseServer server =
        FuseServer.mount(
            directory,
            ImageFileSystem.of(image, DirectIoSettings.DEFAULT),
            FuseOptions.defaults(),
            waiters);
    closing.add(() -> {
      server.close();
      server.awaitEnd();
      if (server.requestsInFlight() != 0 || server.replyBuffersOut() != 0) {
        throw new IOException(
            "%d requests and %d buffers are left"
                .formatted(server.requestsInFlight(), server.replyBuffersOut()));
      }
    });
  }
}
