package io.lazerofs.snapshotter.mount;

import io.lazerofs.erofs.Caches;
import io.lazerofs.erofs.disk.Superblock;
import io.lazerofs.fetcher.cache.BlobKey;
import io.lazerofs.fetcher.lazy.LazyBlob;
import io.lazerofs.fetcher.lazy.LazyBlobs;
import io.lazerofs.fetcher.lazy.RangeReader;
import io.lazerofs.fetcher.logging.LogScope;
import io.lazerofs.fetcher.registry.Descriptor;
import io.lazerofs.fetcher.registry.Registries;
import io.lazerofs.fetcher.registry.RegistryException;
import io.lazerofs.fetcher.registry.RegistryRepository;
import io.lazerofs.snapshotter.mount.LayerSource.Answer.Image;
import io.lazerofs.snapshotter.mount.LayerSource.Answer.Ordinary;
import io.lazerofs.snapshotter.store.LayerRecord;
import io.lazerofs.snapshotter.store.SnapshotException.Unavailable;
import io.lazerofs.source.Digest;
import io.lazerofs.verity.VerityRoot;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Layers out of registries: their first bytes tell what they are, and the rest comes on demand. */
public final class RegistryLayers implements LayerSource {
  private static final Logger log = LoggerFactory.getLogger(RegistryLayers.class);
  private static final String NO_TREE =
      "it has no hash tree, and the configuration has verify = \"require\"";
  private static final String ANY_TYPE = "application/octet-stream";

  private final Registries registries;
  private final LazyBlobs blobs;
  private final Verify verify;
  private final Caches caches = Caches.ofServer();

  /**
   * @param verify what is done with layers that have no hash tree
   */
  public RegistryLayers(Registries registries, LazyBlobs blobs, Verify verify) {
    this.registries = registries;
    this.blobs = blobs;
    this.verify = verify;
  }

  @Override
  public boolean accepts(Optional<VerityRoot> verity) {
    return verity.isPresent() || verify == Verify.WHEN_POSSIBLE;
  }

  @Override
  public Answer open(Digest blob, Optional<VerityRoot> verity, String image)
      throws Unavailable, IOException {
    Optional<RegistryRepository> repository = repository(image);
    if (repository.isEmpty()) {
      return new Ordinary(Fallback.UNSUPPORTED_NAME, "'" + image + "' names no registry");
    }
    try (LogScope scope = LogScope.layer(blob, image)) {
      long size = repository.get().blobSize(blob);
      if (verity.isPresent() && verity.get().geometry().end() != size) {
        return new Ordinary(
            Fallback.BAD_VERITY,
            "a hash tree at %d does not end with the blob, at %d"
                .formatted(verity.get().hashOffset(), size));
      }
      Descriptor descriptor = Descriptor.of(ANY_TYPE, blob, size);
      RangeReader reader = repository.get().reader(descriptor);
      if (!isErofs(reader, descriptor.size())) {
        return new Ordinary(Fallback.NOT_EROFS, "it has no EROFS superblock");
      }
      if (!accepts(verity)) {
        return new Ordinary(Fallback.UNVERIFIED, NO_TREE);
      }
      return new Image(open(new BlobKey(blob, size, verity), reader));
    } catch (RegistryException.Unauthorized e) {
      return new Ordinary(Fallback.REFUSED, String.valueOf(e.getMessage()));
    } catch (IOException e) {
      throw new Unavailable("layer " + blob + " of " + image + ": " + e.getMessage(), e);
    }
  }

  @Override
  public OpenLayer reopen(LayerRecord layer) throws IOException {
    if (!accepts(layer.verity())) {
      throw new IOException("layer " + layer.blob() + ": " + NO_TREE);
    }
    Descriptor descriptor = Descriptor.of(ANY_TYPE, layer.blob(), layer.size());
    List<RegistryRepository> repositories =
        layer.images().stream().flatMap(image -> repository(image).stream()).toList();
    try (LogScope scope = LogScope.layer(layer.blob(), layer.images().getFirst())) {
      return open(
          new BlobKey(layer.blob(), layer.size(), layer.verity()),
          Registries.reader(repositories, descriptor));
    }
  }

  private OpenLayer open(BlobKey key, RangeReader reader) throws IOException {
    LazyBlob source = blobs.open(key, reader);
    boolean tree = key.verity().isPresent();
    if (!tree && !source.isSealed()) {
      log.warn("layer {} has no hash tree: unverified until all of it is here", key.digest());
    }
    // Whoever takes memory back for an eviction waits for the mount's reads, and not for these.
    source.lendMemory(false);
    OpenLayer layer =
        OpenLayer.open(source, caches, source::presentBytes, () -> tree || source.isSealed());
    source.lendMemory(true);
    return layer;
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
