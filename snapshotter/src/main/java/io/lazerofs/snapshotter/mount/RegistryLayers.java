package io.lazerofs.snapshotter.mount;

import io.lazerofs.erofs.Caches;
import io.lazerofs.erofs.disk.Superblock;
import io.lazerofs.fetcher.cache.BlobKey;
import io.lazerofs.fetcher.lazy.LazyBlob;
import io.lazerofs.fetcher.lazy.LazyBlobs;
import io.lazerofs.fetcher.lazy.RangeReader;
import io.lazerofs.fetcher.registry.Descriptor;
import io.lazerofs.fetcher.registry.Registries;
import io.lazerofs.fetcher.registry.RegistryException;
import io.lazerofs.fetcher.registry.RegistryRepository;
import io.lazerofs.snapshotter.mount.LayerSource.Answer.Image;
import io.lazerofs.snapshotter.mount.LayerSource.Answer.Ordinary;
import io.lazerofs.snapshotter.store.LayerRecord;
import io.lazerofs.snapshotter.store.SnapshotException.Unavailable;
import io.lazerofs.source.Digest;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;

/** Layers out of registries: their first bytes tell what they are, and the rest comes on demand. */
public final class RegistryLayers implements LayerSource {
  private static final String ANY_TYPE = "application/octet-stream";

  private final Registries registries;
  private final LazyBlobs blobs;
  private final Caches caches = Caches.ofServer();

  public RegistryLayers(Registries registries, LazyBlobs blobs) {
    this.registries = registries;
    this.blobs = blobs;
  }

  @Override
  public Answer open(Digest blob, String image) throws Unavailable, IOException {
    Optional<RegistryRepository> repository = repository(image);
    if (repository.isEmpty()) {
      return new Ordinary(Fallback.UNSUPPORTED_NAME, "'" + image + "' names no registry");
    }
    try {
      Descriptor descriptor = Descriptor.of(ANY_TYPE, blob, repository.get().blobSize(blob));
      RangeReader reader = repository.get().reader(descriptor);
      if (!isErofs(reader, descriptor.size())) {
        return new Ordinary(Fallback.NOT_EROFS, "it has no EROFS superblock");
      }
      return new Image(open(blob, descriptor.size(), reader));
    } catch (RegistryException.Unauthorized e) {
      return new Ordinary(Fallback.REFUSED, String.valueOf(e.getMessage()));
    } catch (IOException e) {
      throw new Unavailable("layer " + blob + " of " + image + ": " + e.getMessage(), e);
    }
  }

  @Override
  public OpenLayer reopen(LayerRecord layer) throws IOException {
    Descriptor descriptor = Descriptor.of(ANY_TYPE, layer.blob(), layer.size());
    List<RegistryRepository> repositories =
        layer.images().stream().flatMap(image -> repository(image).stream()).toList();
    return open(layer.blob(), layer.size(), Registries.reader(repositories, descriptor));
  }

  private OpenLayer open(Digest blob, long size, RangeReader reader) throws IOException {
    LazyBlob source = blobs.open(new BlobKey(blob, size), reader);
    return OpenLayer.open(source, caches, source::presentBytes);
  }

  /**
   * Returns the repository of an image, or empty when the reference leads to no registry. A label
   * is not to make the daemon read a directory of this machine, which references can name too.
   */
  private Optional<RegistryRepository> repository(String image) {
    try {
      return registries.open(image).store() instanceof RegistryRepository repository
          ? Optional.of(repository)
          : Optional.empty();
    } catch (RegistryException.InvalidName e) {
      return Optional.empty();
    }
  }

  private static boolean isErofs(RangeReader reader, long size) throws IOException {
    long length = Superblock.OFFSET + Superblock.SIZE;
    if (size < length) {
      return false;
    }
    MemorySegment head = MemorySegment.ofArray(new byte[(int) length]);
    long[] position = {0};
    reader.read(
        0,
        length,
        piece -> {
          MemorySegment bytes = MemorySegment.ofBuffer(piece);
          MemorySegment.copy(bytes, 0, head, position[0], bytes.byteSize());
          position[0] += bytes.byteSize();
        });
    return Superblock.isAt(head, Superblock.OFFSET);
  }
}
