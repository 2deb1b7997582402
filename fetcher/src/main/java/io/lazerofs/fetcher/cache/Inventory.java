package io.lazerofs.fetcher.cache;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a cache has, blob by blob: of those that are open as they are in memory, of others as their
 * presence files tell, which are only read. Files with names that no blob has are passed over.
 */
final class Inventory {
  private static final Logger logger = LoggerFactory.getLogger(Inventory.class);

  private final CacheDirectory directory;

  Inventory(CacheDirectory directory) {
    this.directory = directory;
  }

  /**
   * Looks.
   *
   * @param open the open blobs by the names of their files
   */
  List<KeptBlob> list(Map<String, CachedBlob> open) throws IOException {
    List<KeptBlob> kept = new ArrayList<>();
    for (StoredBlob stored : directory.stored()) {
      CachedBlob blob = open.get(stored.name());
      if (blob != null) {
        kept.add(ofOpen(stored, blob));
      } else {
        BlobKey.parse(stored.name()).flatMap(key -> ofClosed(stored, key)).ifPresent(kept::add);
      }
    }
    return kept;
  }

  private static KeptBlob ofOpen(StoredBlob stored, CachedBlob blob) {
    return new KeptBlob(
        blob.key(),
        Math.min(blob.size(), blob.presentBytes() + blob.claimedBytes()),
        stored.allocatedBytes(),
        stored.lastUse(),
        blob.isVerified(),
        true);
  }

  private Optional<KeptBlob> ofClosed(StoredBlob stored, BlobKey key) {
    long blocks = (key.size() + PresenceMap.BLOCK_BYTES - 1) / PresenceMap.BLOCK_BYTES;
    PresenceMap map = new PresenceMap(blocks);
    PresenceMap claims = new PresenceMap(blocks);
    try (PositionalFile file = directory.presenceToRead(key)) {
      file.open();
      PresenceFile.Found found =
          new PresenceFile(key, map, claims, file, CrashPoint.Hook.NONE)
              .load(directory.dataBytes(key));
      long present = (map.presentBlocks() + claims.presentBlocks()) * PresenceMap.BLOCK_BYTES;
      boolean verified =
          found.use() == PresenceFile.Use.CLOSED
              && (key.verity().isPresent() || found.state() == PresenceFile.State.SEALED);
      return Optional.of(
          new KeptBlob(
              key,
              Math.min(key.size(), present),
              stored.allocatedBytes(),
              stored.lastUse(),
              verified,
              false));
    } catch (NoSuchFileException gone) {
      return Optional.empty();
    } catch (IOException e) {
      logger.warn("blob {}: what is present of it cannot be told: {}", key, e.toString());
      return Optional.of(
          new KeptBlob(key, 0, stored.allocatedBytes(), stored.lastUse(), false, false));
    }
  }
}
