package io.lazerofs.snapshotter.mount;

import io.lazerofs.erofs.Caches;
import io.lazerofs.erofs.disk.Superblock;
import io.lazerofs.fetcher.cache.BlobCache;
import io.lazerofs.fetcher.cache.BlobKey;
import io.lazerofs.fetcher.cache.CachedBlob;
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
import io.lazerofs.source.Waiting;
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
  private static final int HEAD_BYTES = Superblock.OFFSET + Superblock.SIZE;
  private static final Answer NOT_EROFS =
      new Ordinary(Fallback.NOT_EROFS, "it has no EROFS superblock");

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
      return verity.isPresent()
          ? openVerified(blob, verity.get(), repository.get())
          : openUnverified(blob, repository.get());
    } catch (RegistryException.Unauthorized e) {
      return new Ordinary(Fallback.REFUSED, String.valueOf(e.getMessage()));
    } catch (IOException e) {
      throw new Unavailable("layer " + blob + " of " + image + ": " + e.getMessage(), e);
    }
  }

  /**
   * Opens a blob that ends with its hash tree. The tree says how long it is, so that the registry
   * is asked for nothing when what opening it takes is here.
   */
  private Answer openVerified(Digest blob, VerityRoot root, RegistryRepository repository)
      throws IOException {
    if (root.hashOffset() > BlobCache.MAX_BLOB_BYTES
        || root.geometry().end() > BlobCache.MAX_BLOB_BYTES) {
      return new Ordinary(
          Fallback.BAD_VERITY,
          "a hash tree at %d; no blob is longer than %d bytes"
              .formatted(root.hashOffset(), BlobCache.MAX_BLOB_BYTES));
    }
    BlobKey key = new BlobKey(blob, root.geometry().end(), Optional.of(root));
    LazyBlob source = blobs.open(key, repository.reader(Descriptor.of(ANY_TYPE, blob, key.size())));
    Optional<Answer> unfit;
    try {
      unfit = whyNotServed(source, root, repository);
    } catch (IOException | RuntimeException e) {
      source.close();
      throw e;
    }
    if (unfit.isPresent()) {
      source.close();
      return unfit.get();
    }
    return new Image(open(source, true));
  }

  private static Optional<Answer> whyNotServed(
      LazyBlob source, VerityRoot root, RegistryRepository repository) throws IOException {
    if (source.firstAbsent(0, CachedBlob.BLOCK_BYTES) == 0) {
      // What is read below is asked for until the deadline, what is asked for here is told at once.
      long size = repository.blobSize(source.digest());
      if (size != source.size()) {
        return Optional.of(
            new Ordinary(
                Fallback.BAD_VERITY,
                "a hash tree at %d does not end with the blob, at %d"
                    .formatted(root.hashOffset(), size)));
      }
    }
    // A tree begins behind one block of data at least.
    MemorySegment head = MemorySegment.ofArray(new byte[HEAD_BYTES]);
    boolean erofs =
        Waiting.on(() -> {
          source.read(0, head);
          return Superblock.isAt(head, Superblock.OFFSET);
        });
    return erofs ? Optional.empty() : Optional.of(NOT_EROFS);
  }

  /** Opens a blob of which it has to be found out how long and what it is. */
  private Answer openUnverified(Digest blob, RegistryRepository repository) throws IOException {
    long size = repository.blobSize(blob);
    RangeReader reader = repository.reader(Descriptor.of(ANY_TYPE, blob, size));
    // Not through the cache, which is not to hold the archives that most blobs are.
    if (!isErofs(reader, size)) {
      return NOT_EROFS;
    }
    if (!accepts(Optional.empty())) {
      return new Ordinary(Fallback.UNVERIFIED, NO_TREE);
    }
    return new Image(open(blobs.open(new BlobKey(blob, size, Optional.empty()), reader), false));
  }

  @Override
  public OpenLayer reopen(LayerRecord layer) throws IOException {
    if (!accepts(layer.verity())) {
      throw new IOException("layer " + layer.blob() + ": " + NO_TREE);
    }
    Descriptor descriptor = Descriptor.of(ANY_TYPE, layer.blob(), layer.size());
    List<RegistryRepository> repositories =
        layer.images().stream().flatMap(image -> repository(image).stream()).toList();
    try (LogScope scope = LogScope.layer(layer.blob(), String.join(" ", layer.images()))) {
      LazyBlob source =
          blobs.open(
              new BlobKey(layer.blob(), layer.size(), layer.verity()),
              Registries.reader(repositories, descriptor));
      return open(source, layer.verity().isPresent());
    }
  }

  private OpenLayer open(LazyBlob source, boolean tree) throws IOException {
    if (!tree && !source.isSealed()) {
      log.warn("layer {} has no hash tree: unverified until all of it is here", source.digest());
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
    if (size < HEAD_BYTES) {
      return false;
    }
    MemorySegment head = MemorySegment.ofArray(new byte[HEAD_BYTES]);
    long[] position = {0};
    reader.read(
        0,
        HEAD_BYTES,
        piece -> {
          MemorySegment bytes = MemorySegment.ofBuffer(piece);
          MemorySegment.copy(bytes, 0, head, position[0], bytes.byteSize());
          position[0] += bytes.byteSize();
        });
    return Superblock.isAt(head, Superblock.OFFSET);
  }
}
