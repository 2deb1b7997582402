package io.lazerofs.fetcher.cache;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A {@link PresenceMap} on disk, in sectors of 512 bytes, little-endian: a header, then the map.
 *
 * <p>A disk writes a sector of 512 bytes whole or not at all, so a power cut leaves each as it was
 * before or after a write. The header of a blob of 10,000,000 bytes, with 2,442 blocks:
 *
 * <pre>{@code
 * offset  size  field                     example
 *      0     8  magic                     "lzfspres"
 *      8     4  version                   1
 *     12     4  bytes in a block          4096
 *     16     8  bytes in the blob         10000000
 *     24    32  SHA-256 of the blob       …
 *     56     4  state                     0 filling, 1 sealed: complete, and its digest was right
 *     60     4  CRC-32C of bytes 0 to 59
 *     64   448  zero
 * }</pre>
 *
 * <p>and a sector of the map, of which this blob has one:
 *
 * <pre>{@code
 *   0   504  a bit for each of 4,032 blocks, the lowest bit of the first byte first
 * 504     4  number of the sector, from 0
 * 508     4  CRC-32C of the header's bytes 0 to 55, then of bytes 0 to 507
 * }</pre>
 *
 * <p>The file is 512 × (1 + sectors) bytes long. One of another length, or with another header,
 * says nothing: its blob starts empty. So does the part of a blob whose sector has a wrong
 * checksum. The states of a sealed blob's sectors do not matter.
 */
final class PresenceFile implements AutoCloseable {
  static final int SECTOR_BYTES = 512;
  static final int VERSION = 1;

  private static final Logger logger = LoggerFactory.getLogger(PresenceFile.class);
  private static final byte[] MAGIC = {'l', 'z', 'f', 's', 'p', 'r', 'e', 's'};
  private static final int STATE_OFFSET = 56;
  private static final int HEADER_CRC_OFFSET = 60;
  private static final int SECTOR_CRC_OFFSET = SECTOR_BYTES - Integer.BYTES;

  private final BlobKey key;
  private final PresenceMap map;
  private final PositionalFile file;

  /** What a presence file says of its blob as a whole. */
  enum State {
    FILLING(0),
    SEALED(1);

    private final int code;

    State(int code) {
      this.code = code;
    }
  }

  PresenceFile(BlobKey key, PresenceMap map, PositionalFile file) {
    this.key = key;
    this.map = map;
    this.file = file;
  }

  /** Opens the file, and makes it when missing. */
  void open() throws IOException {
    file.open();
  }

  /**
   * Brings what the file says into the map, which is empty before. What cannot be trusted is logged
   * and left absent.
   *
   * @param dataBytes the length of the data file; presence of another file's bytes is not believed
   */
  State load(long dataBytes) throws IOException {
    long length = file.size();
    if (length == 0) {
      return State.FILLING;
    }
    String damage = damage(length, dataBytes);
    if (!damage.isEmpty()) {
      logger.warn("blob {} starts empty: {}: {}", key, file.path(), damage);
      return State.FILLING;
    }
    ByteBuffer header = readSector(0);
    if (header.getInt(STATE_OFFSET) == State.SEALED.code) {
      map.mark(0, map.blocks());
      var _ = map.takeChanged();
      return State.SEALED;
    }
    for (int sector = 0; sector < map.sectors(); sector++) {
      loadSector(sector);
    }
    return State.FILLING;
  }

  private String damage(long length, long dataBytes) throws IOException {
    if (length != length()) {
      return "expected " + length() + " bytes, found " + length;
    }
    if (dataBytes != key.size()) {
      return "the data file has " + dataBytes + " bytes";
    }
    ByteBuffer found = readSector(0);
    boolean good = found.equals(header(State.FILLING)) || found.equals(header(State.SEALED));
    return good ? "" : "damaged or foreign header";
  }

  private void loadSector(int sector) throws IOException {
    ByteBuffer stored = readSector(1 + sector);
    if (stored.getInt(SECTOR_CRC_OFFSET) != sectorChecksum(stored)
        || stored.getInt(SECTOR_CRC_OFFSET - Integer.BYTES) != sector) {
      logger.warn(
          "blob {}: {}: sector {} is damaged, its blocks are absent", key, file.path(), sector);
      map.putBack(List.of(sector));
      return;
    }
    map.load(sector, stored);
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

  /** Writes the whole file anew, durably. */
  void rewrite() throws IOException {
    file.resize(0);
    file.resize(length());
    var _ = map.takeChanged();
    write(encode(IntStream.range(0, map.sectors()).boxed().toList()));
    writeState(State.FILLING);
  }

  /** Returns sectors of the map as they are now, for {@link #write}, by their numbers. */
  Map<Integer, ByteBuffer> encode(List<Integer> sectors) {
    Map<Integer, ByteBuffer> encoded = new HashMap<>();
    for (Integer sector : sectors) {
      ByteBuffer target = newSector();
      map.store(sector, target);
      target.putInt(sector);
      encoded.put(sector, target.putInt(sectorChecksum(target)).flip());
    }
    return encoded;
  }

  /** Writes sectors, not durably yet. */
  void write(Map<Integer, ByteBuffer> encoded) throws IOException {
    for (Map.Entry<Integer, ByteBuffer> sector : encoded.entrySet()) {
      file.write(sector.getValue(), (1L + sector.getKey()) * SECTOR_BYTES);
    }
  }

  /** Writes the state durably, with what was written before. */
  void writeState(State state) throws IOException {
    file.write(header(state), 0);
    file.force();
  }

  /** Makes durable what was written. */
  void force() throws IOException {
    file.force();
  }

  private int sectorChecksum(ByteBuffer sector) {
    CRC32C crc = new CRC32C();
    crc.update(header(State.FILLING).slice(0, STATE_OFFSET));
    crc.update(sector.slice(0, SECTOR_CRC_OFFSET));
    return (int) crc.getValue();
  }

  private ByteBuffer header(State state) {
    ByteBuffer header =
        newSector()
            .put(MAGIC)
            .putInt(VERSION)
            .putInt(PresenceMap.BLOCK_BYTES)
            .putLong(key.size())
            .put(HexFormat.of().parseHex(key.digest().hex()))
            .putInt(state.code);
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
