package io.lazerofs.it.dio;

import io.lazerofs.erofs.ErofsImage;
import io.lazerofs.fetcher.cache.BlobCache;
import io.lazerofs.fetcher.cache.BlobKey;
import io.lazerofs.fetcher.http.HttpTransport;
import io.lazerofs.fetcher.lazy.FetchStatistics;
import io.lazerofs.fetcher.lazy.LazyBlob;
import io.lazerofs.fetcher.lazy.LazyBlobs;
import io.lazerofs.fetcher.registry.Credentials;
import io.lazerofs.fetcher.registry.Descriptor;
import io.lazerofs.fetcher.registry.Registries;
import io.lazerofs.layers.Layer;
import io.lazerofs.layers.LayerTable;
import io.lazerofs.layers.LayersFileSystem;
import io.lazerofs.layers.NodeId;
import io.lazerofs.source.Waiting;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/**
 * A layer of a registry that is fetched as it is read, served by this process.
 *
 * @param repository host, port and name
 * @param cache an empty directory's path
 */
record LazyMounter(String repository, Descriptor layer, LazySettings settings, Path cache)
    implements Side.Mounter {
  private static final String NAME = "0";

  @Override
  public Path mount(Path directory, Closing closing) throws IOException, InterruptedException {
    HttpTransport transport = HttpTransport.create(settings.http());
    closing.add(transport::close);
    ExecutorService fetches = Executors.newVirtualThreadPerTaskExecutor();
    closing.add(fetches::close);
    ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();
    closing.add(scheduler::close);
    BlobCache blobs = BlobCache.open(cache, scheduler, fetches);
    closing.add(blobs::close);
    Registries registries = new Registries(transport, Credentials.none(), InstantSource.system());
    LazyBlob blob =
        new LazyBlobs(blobs, settings.policy(), fetches, new FetchStatistics())
            .open(
                new BlobKey(layer.digest(), layer.size()),
                registries.open(repository).store().reader(layer));
    closing.add(blob::close);
    ErofsImage image = Waiting.on(() -> ErofsImage.open(blob, List.of()));
    LayerTable table = new LayerTable(InstantSource.system(), settings.directIo());
    table.add(new Layer(NodeId.FIRST_LAYER, 0, NAME, image));
    new LazerofsMounter(new LayersFileSystem(table)).mount(directory, closing);
    return directory.resolve(NAME);
  }
}
