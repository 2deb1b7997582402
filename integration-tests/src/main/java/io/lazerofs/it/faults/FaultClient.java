package io.lazerofs.it.faults;

import io.lazerofs.dio.DirectIoSettings;
import io.lazerofs.erofs.ErofsImage;
import io.lazerofs.erofs.Inode;
import io.lazerofs.fetcher.cache.BlobCache;
import io.lazerofs.fetcher.cache.BlobKey;
import io.lazerofs.fetcher.hosts.HostsDirectory;
import io.lazerofs.fetcher.http.HttpTransport;
import io.lazerofs.fetcher.lazy.FetchStatistics;
import io.lazerofs.fetcher.lazy.LazyBlob;
import io.lazerofs.fetcher.lazy.LazyBlobs;
import io.lazerofs.fetcher.registry.Credentials;
import io.lazerofs.fetcher.registry.Descriptor;
import io.lazerofs.fetcher.registry.ImageStore;
import io.lazerofs.fetcher.registry.Registries;
import io.lazerofs.it.dio.Closing;
import io.lazerofs.it.dio.LazerofsMounter;
import io.lazerofs.layers.Layer;
import io.lazerofs.layers.LayerTable;
import io.lazerofs.layers.LayersFileSystem;
import io.lazerofs.layers.NodeId;
import io.lazerofs.snapshotter.convert.VerityAnnotations;
import io.lazerofs.source.Waiting;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The layers of an image with an empty cache, opened as a daemon opens them: read in this process
 * or through a mount. Safe for use by many threads.
 */
final class FaultClient implements AutoCloseable {
  private static final int END_SECONDS = 30;

  private final Closing closing = new Closing();
  private final List<ErofsImage> images = new ArrayList<>();
  private Optional<Path> mount = Optional.empty();

  /**
   * Opens all layers, waiting for what that needs.
   *
   * @param repository host, port, name and tag
   * @param hosts which mirrors the host has
   * @param directory an empty directory; the client's alone
   * @param transport taken over
   */
  static FaultClient open(
      String repository,
      HostsDirectory hosts,
      List<Descriptor> layers,
      Scenario scenario,
      HttpTransport transport,
      InstantSource clock,
      Path directory)
      throws IOException, InterruptedException {
    FaultClient client = new FaultClient();
    try {
      client.start(repository, hosts, layers, scenario, transport, clock, directory);
      return client;
    } catch (IOException | RuntimeException | Error e) {
      try (client) {
        throw e;
      }
    }
  }

  private void start(
      String repository,
      HostsDirectory hosts,
      List<Descriptor> layers,
      Scenario scenario,
      HttpTransport transport,
      InstantSource clock,
      Path directory)
      throws IOException {
    closing.add(transport::close);
    ExecutorService fetches = Executors.newVirtualThreadPerTaskExecutor();
    AtomicInteger running = new AtomicInteger();
    closing.add(() -> end(fetches, running));
    ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();
    closing.add(scheduler::close);
    BlobCache cache = BlobCache.open(directory.resolve("cache"), scheduler, fetches);
    closing.add(cache::close);
    LazyBlobs blobs =
        new LazyBlobs(
            cache,
            scenario.policy(),
            task ->
                fetches.execute(() -> {
                  running.incrementAndGet();
                  try {
                    task.run();
                  } finally {
                    running.decrementAndGet();
                  }
                }),
            new FetchStatistics());
    ImageStore store =
        new Registries(transport, Credentials.none(), clock, Optional.of(hosts))
            .open(repository)
            .store();
    LayerTable table = new LayerTable(InstantSource.system(), DirectIoSettings.DEFAULT);
    for (Descriptor layer : layers) {
      BlobKey key = new BlobKey(layer.digest(), layer.size(), VerityAnnotations.of(layer));
      LazyBlob blob = blobs.open(key, store.reader(layer));
      closing.add(blob::close);
      ErofsImage image = Waiting.on(() -> ErofsImage.open(blob, List.of()));
      String name = Integer.toString(images.size());
      table.add(new Layer(NodeId.FIRST_LAYER + images.size(), 0, name, image));
      images.add(image);
    }
    if (scenario.mounted()) {
      Path point = Files.createDirectory(directory.resolve("mount"));
      new LazerofsMounter(new LayersFileSystem(table)).mount(point, closing);
      mount = Optional.of(point);
    }
  }

  /** Ends when no fetch is under way; those of closed blobs must be over. */
  private static void end(ExecutorService fetches, AtomicInteger running)
      throws IOException, InterruptedException {
    int left = running.get();
    fetches.shutdown();
    if (left != 0 || !fetches.awaitTermination(END_SECONDS, TimeUnit.SECONDS)) {
      fetches.shutdownNow();
      throw new IOException(left + " fetches are left of closed blobs");
    }
  }

  /**
   * Reads from a file in the root of a layer until {@code destination} is full or the file ends.
   *
   * @return the number of bytes read
   */
  int read(int layer, String name, long offset, byte[] destination) throws IOException {
    return mount.isPresent()
        ? readMounted(mount.get().resolve(Integer.toString(layer), name), offset, destination)
        : readImage(images.get(layer), name, offset, destination);
  }

  private static int readImage(ErofsImage image, String name, long offset, byte[] destination)
      throws IOException {
    Inode file =
        Waiting.on(() -> {
          Inode root = image.inode(image.rootNid());
          byte[] bytes = name.getBytes(StandardCharsets.US_ASCII);
          return image.inode(image.lookup(root, bytes).orElseThrow().nid());
        });
    return Waiting.on(() -> image.read(file, offset, MemorySegment.ofArray(destination)));
  }

  private static int readMounted(Path file, long offset, byte[] destination) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      ByteBuffer buffer = ByteBuffer.wrap(destination);
      int count = 0;
      while (buffer.hasRemaining() && count >= 0) {
        count = channel.read(buffer, offset + buffer.position());
      }
      return buffer.position();
    }
  }

  @Override
  public void close() throws IOException, InterruptedException {
    closing.close();
  }
}
