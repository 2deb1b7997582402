package io.lazerofs.fetcher.cache;

import io.lazerofs.verity.VerityRoot;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A {@link PresenceMap} on disk, in sectors of 512 bytes, little-endian: a header, then the map.
 *
 * <p>A disk writes a sector of 512 bytes whole or not at all, so a power cut leaves each as it was
 * before or after a write. The header of a blob of 10,088,448 bytes, with 2,463 blocks, of which
 * 2,441 are data:
 *
 * <pre>{@code
 * offset  size  field                     example
 *      0     8  magic                     "lzfspres"
 *      8     4  version                   2
 *     12     4  bytes in a block          4096
 *     16     8  bytes in the blob         10088448
 *     24    32  SHA-256 of the blob       …
 *     56     8  offset of its hash tree   9998336, or 0 when it has none
 *     64    32  root hash of that         …, or zeros
 *     96     4  state                     0 filling, 1 sealed: complete, and its digest was right
 *    100     4  use                       0 closed, 1 in use
 *    104     4  CRC-32C of bytes 0 to 103
 *    108   404  zero
 * }</pre>
 *
 * <p>and a sector of the map, of which this blob has one:
 *
 * <pre>{@code
 *   0   504  a bit for each of 4,032 blocks, the lowest bit of the first byte first
 * 504     4  number of the sector, from 0
 * 508     4  CRC-32C of the header's bytes 0 to 95, then of bytes 0 to 507
 * }</pre>
 *
 * <p>A file is in use from before the first change of its blob until the blob is closed. One that
 * is found in use was left by a process that ended on the way, perhaps with the power: the disk may
 * have lost or mixed up what it said was durable. With a hash tree, its bits are claims then, which
 * say what is worth being verified and not what is present. Without one no block can be verified by
 * itself; they are believed, since bytes are durable before presence is.
 *
 * <p>The file is 512 × (1 + sectors) bytes long. One of another length, or with another header,
 * says nothing: its blob starts empty, as that of a file of version 1 does, which had no use. So
 * does the part of a blob whose sector has a wrong checksum. The sectors of a sealed blob do not
 * matter.
 */
final class PresenceFile implements AutoCloseable {
  static final int SECTOR_BYTES = 512;
  static final int VERSION = 2;

  private static final Logger logger = LoggerFactory.getLogger(PresenceFile.class);
  private static final byte[] MAGIC = {'l', 'z', 'f', 's', 'p', 'r', 'e', 's'};
  private static final int VERSION_OFFSET = 8;
  private static final int STATE_OFFSET = 96;
  private static final int HEADER_CRC_OFFSET = 104;
  private static final int SECTOR_CRC_OFFSET = SECTOR_BYTES - Integer.BYTES;

  private final BlobKey key;
  private final PresenceMap map;
  private final PresenceMap claims;
  private final PositionalFile file;
  private final CrashPoint.Hook crash;

  /** What a presence file says of its blob as a whole. */
  enum State {
    FILLING(0),
    SEALED(1);

    private final int code;

    State(int code) {
      this.code = code;
    }
  }

  /** Whether a process has the blob open, or ended without closing it. */
  enum Use {
    CLOSED(0),
    IN_USE(1);

    private final int code;

    Use(int code) {
      this.code = code;
    }
  }

  /** What a file says besides its map. */
  record Found(State state, Use use) {
    static final Found NOTHING = new Found(State.FILLING, Use.CLOSED);
  }

  /** Opens the file, and makes it when missing. */
  void open() throws IOException {
    file.open();
  }

  /**
   * @param map the blocks that are present
   * @param claims blocks that a file in use says are present; both are kept in one map on disk
   */
  PresenceFile(
      BlobKey key,
      PresenceMap map,
      PresenceMap claims,
      PositionalFile file,
      CrashPoint.Hook crash) {
    this.key = key;
    this.map = map;
    this.claims = claims;
    this.file = file;
    this.crash = crash;
  }

  /**
   * Brings what the file says into the map, or into the claims when the file is in use and the blob
   * has a hash tree; both are empty before. What cannot be trusted is logged and left absent.
   *
   * @param dataBytes the length of the data file; presence of another file's bytes is not believed
   */
  Found load(long dataBytes) throws IOException {
    long length = file.size();
    if (length == 0) {
      return Found.NOTHING;
    }
    ByteBuffer header = readSector(0);
    Optional<Found> found =
        Stream.of(State.values())
            .flatMap(state -> Stream.of(Use.values()).map(use -> new Found(state, use)))
            .filter(candidate -> header.equals(header(candidate.state, candidate.use)))
            .findFirst();
    String damage = damage(length, dataBytes, header, found);
    if (found.isEmpty() || !damage.isEmpty()) {
      logger.warn("blob {} starts empty: {}: {}", key, file.path(), damage);
      return Found.NOTHING;
    }
    boolean verifiable = key.verity().isPresent();
    PresenceMap target = verifiable && found.get().use == Use.IN_USE ? claims : map;
    if (found.get().state == State.SEALED) {
      target.mark(0, target.blocks());
      var _ = target.takeChanged();
    } else {
      for (int sector = 0; sector < target.sectors(); sector++) {
        loadSector(sector, target);
      }
    }
    return found.get();
  }

  private String damage(long length, long dataBytes, ByteBuffer header, Optional<Found> found) {
    int version = header.getInt(VERSION_OFFSET);
    if (header.slice(0, MAGIC.length).equals(ByteBuffer.wrap(MAGIC)) && version != VERSION) {
      return "version " + version + ", and " + VERSION + " is what is read";
    }
    if (length != length()) {
      return "expected " + length() + " bytes, found " + length;
    }
    if (dataBytes != key.size()) {
      return "the data file has " + dataBytes + " bytes";
    }
    return found.isPresent() ? "" : "damaged or foreign header";
  }

  private void loadSector(int sector, PresenceMap target) throws IOException {
    ByteBuffer stored = readSector(1 + sector);
    if (stored.getInt(SECTOR_CRC_OFFSET) != sectorChecksum(stored)
        || stored.getInt(SECTOR_CRC_OFFSET - Integer.BYTES) != sector) {
      logger.warn(
          "blob {}: {}: sector {} is damaged, its blocks are absent", key, file.path(), sector);
      target.putBack(List.of(sector));
      return;
    }
    target.load(sector, stored);
  }

  private ByteBuffer readSector(int index) throws IOException {
    ByteBuffer sector = newSector();
    try {
      file.read(sector, (long) index * SECTOR_BYTES);
    } catch (EOFException e) {
      // Another process cut the file after its length was checked; zeros are no valid sector.
      return newSector();
    }
    return sector.clear();
  }

  /** Writes the whole file anew, durably, as that of a blob which is being filled. */
  void rewrite() throws IOException {
    file.resize(0);
    crash.reached(CrashPoint.REWRITE_CUT);
    file.resize(length());
    crash.reached(CrashPoint.REWRITE_SIZED);
    writeMap();
    writeState(State.FILLING, Use.IN_USE);
  }

  /** Makes the file of a sealed blob, durably, that of one which is being filled. */
  void unseal() throws IOException {
    writeMap();
    file.force();
    writeState(State.FILLING, Use.IN_USE);
  }

  private void writeMap() throws IOException {
    var _ = takeChanged();
    write(encode(IntStream.range(0, map.sectors()).boxed().toList()));
    crash.reached(CrashPoint.REWRITE_MAP_WRITTEN);
  }

  /** Returns the sectors that changed since they were last taken. */
  Set<Integer> takeChanged() {
    Set<Integer> changed = new HashSet<>(map.takeChanged());
    changed.addAll(claims.takeChanged());
    return changed;
  }

  /** Returns sectors of the map as they are now, for {@link #write}, by their numbers. */
  Map<Integer, ByteBuffer> encode(Collection<Integer> sectors) {
    Map<Integer, ByteBuffer> encoded = new HashMap<>();
    for (Integer sector : sectors) {
      ByteBuffer target = newSector();
      map.store(sector, target);
      claims.store(sector, target);
      target.position(SECTOR_CRC_OFFSET - Integer.BYTES).putInt(sector);
      encoded.put(sector, target.putInt(sectorChecksum(target)).flip());
    }
    return encoded;
  }

  /** Writes sectors, not durably yet. */
  void write(Map<Integer, ByteBuffer> encoded) throws IOException {
    for (Map.Entry<Integer, ByteBuffer> sector : encoded.entrySet()) {
      file.write(sector.getValue(), (1L + sector.getKey()) * SECTOR_BYTES);
      crash.reached(CrashPoint.FLUSH_SECTOR_WRITTEN);
    }
  }

  /** Writes the state durably, with what was written before. */
  void writeState(State state, Use use) throws IOException {
    file.write(header(state, use), 0);
    crash.reached(CrashPoint.STATE_WRITTEN);
    file.force();
    crash.reached(CrashPoint.STATE_DURABLE);
  }

  /** Makes durable what was written. */
  void force() throws IOException {
    file.force();
  }

  private int sectorChecksum(ByteBuffer sector) {
    CRC32C crc = new CRC32C();
    crc.update(header(State.FILLING, Use.CLOSED).slice(0, STATE_OFFSET));
    crc.update(sector.slice(0, SECTOR_CRC_OFFSET));
    return (int) crc.getValue();
  }

  private ByteBuffer header(State state, Use use) {
    ByteBuffer header =
        newSector()
            .put(MAGIC)
            .putInt(VERSION)
            .putInt(PresenceMap.BLOCK_BYTES)
            .putLong(key.size())
            .put(HexFormat.of().parseHex(key.digest().hex()))
            .putLong(key.verity().map(VerityRoot::hashOffset).orElse(0L));
    key.verity().ifPresent(root -> header.put(HexFormat.of().parseHex(root.hash().hex())));
    header.position(STATE_OFFSET).putInt(state.code).putInt(use.code);
    CRC32C crc = new CRC32C();
    crc.update(header.slice(0, HEADER_CRC_OFFSET));
    return header.putInt((int) crc.getValue()).clear();
  }

  private long length() {
    return (1L + map.sectors()) * SECTOR_BYTES;
  }

  private static ByteBuffer newSector() {
    return ByteBuffer.allocate(SECTOR_BYTES).order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
