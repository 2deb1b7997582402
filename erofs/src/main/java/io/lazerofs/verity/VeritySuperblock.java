package io.lazerofs.verity;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.UUID;

/**
 * The superblock of a hash tree: 512 bytes at the start of a block, and zeros after them
 * (cryptsetup's lib/verity/verity.c, {@code struct verity_sb}; numbers are little-endian).
 *
 * <pre>{@code
 *  0 "verity" 0 0      16 uuid                        64 data block size   72 data blocks
 *  8 version     1     32 algorithm "sha256" 0 …      68 hash block size   80 size of the salt, 2 bytes
 * 12 hash type   1                                                         88 salt, at most 256 bytes
 * }</pre>
 *
 * <p>Only one kind is read: SHA-256, blocks of 4096 bytes, the salt before the block.
 *
 * @param uuid of the tree; nothing depends on it
 * @param dataBlocks how many blocks of data the tree covers, more than 0
 * @param salt what goes into each hash before the block: at most 256 bytes, in lower-case
 *     hexadecimal
 */
public record VeritySuperblock(UUID uuid, long dataBlocks, String salt) {

  /** Size, bytes; the rest of the block is zeros. */
  public static final int BYTES = 512;

  private static final long SIGNATURE = 0x0000_7974_6972_6576L;
  private static final byte[] ALGORITHM = "sha256".getBytes(StandardCharsets.US_ASCII);
  private static final int ALGORITHM_BYTES = 32;
  private static final int MAX_SALT_BYTES = 256;

  private static final int VERSION_AT = 8;
  private static final int HASH_TYPE_AT = 12;
  private static final int UUID_AT = 16;
  private static final int ALGORITHM_AT = 32;
  private static final int DATA_BLOCK_SIZE_AT = 64;
  private static final int HASH_BLOCK_SIZE_AT = 68;
  private static final int DATA_BLOCKS_AT = 72;
  private static final int SALT_SIZE_AT = 80;
  private static final int RESERVED_AT = 82;
  private static final int SALT_AT = 88;

  /** Checks that there is data, and that the salt fits. */
  public VeritySuperblock {
    if (dataBlocks <= 0 || HexFormat.of().parseHex(salt).length > MAX_SALT_BYTES) {
      throw new IllegalArgumentException("%d blocks, salt %s".formatted(dataBlocks, salt));
    }
  }

  /**
   * Decodes a block; all of it must be as this class knows it.
   *
   * @param block 4096 bytes from its position on, which stays where it is
   * @param dataBlocks what the superblock must say, as the tree's place in the blob does
   * @throws BadVerityException naming the field when it is anything else
   */
  public static VeritySuperblock decode(ByteBuffer block, long dataBlocks)
      throws BadVerityException {
    ByteBuffer bytes =
        block.slice(block.position(), VerityGeometry.BLOCK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    require("signature", 0, SIGNATURE, bytes.getLong(0));
    require("version", VERSION_AT, 1, bytes.getInt(VERSION_AT));
    require("hash type", HASH_TYPE_AT, 1, bytes.getInt(HASH_TYPE_AT));
    requireAlgorithm(bytes.slice(ALGORITHM_AT, ALGORITHM_BYTES));
    require(
        "data block size",
        DATA_BLOCK_SIZE_AT,
        VerityGeometry.BLOCK_BYTES,
        bytes.getInt(DATA_BLOCK_SIZE_AT));
    require(
        "hash block size",
        HASH_BLOCK_SIZE_AT,
        VerityGeometry.BLOCK_BYTES,
        bytes.getInt(HASH_BLOCK_SIZE_AT));
    require("number of data blocks", DATA_BLOCKS_AT, dataBlocks, bytes.getLong(DATA_BLOCKS_AT));
    int saltBytes = Short.toUnsignedInt(bytes.getShort(SALT_SIZE_AT));
    if (saltBytes > MAX_SALT_BYTES) {
      throw new BadVerityException(
          "size of the salt", SALT_SIZE_AT, "at most " + MAX_SALT_BYTES, "" + saltBytes);
    }
    requireZeros(bytes, RESERVED_AT, SALT_AT);
    requireZeros(bytes, SALT_AT + saltBytes, VerityGeometry.BLOCK_BYTES);
    byte[] salt = new byte[saltBytes];
    bytes.get(SALT_AT, salt);
    bytes.order(ByteOrder.BIG_ENDIAN);
    return new VeritySuperblock(
        new UUID(bytes.getLong(UUID_AT), bytes.getLong(UUID_AT + Long.BYTES)),
        dataBlocks,
        HexFormat.of().formatHex(salt));
  }

  /** Returns the block that this superblock is in: 4096 bytes. */
  public ByteBuffer encode() {
    byte[] saltBytes = HexFormat.of().parseHex(salt);
    ByteBuffer block = ByteBuffer.allocate(VerityGeometry.BLOCK_BYTES);
    block.putLong(UUID_AT, uuid.getMostSignificantBits());
    block.putLong(UUID_AT + Long.BYTES, uuid.getLeastSignificantBits());
    return block
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(0, SIGNATURE)
        .putInt(VERSION_AT, 1)
        .putInt(HASH_TYPE_AT, 1)
        .put(ALGORITHM_AT, ALGORITHM)
        .putInt(DATA_BLOCK_SIZE_AT, VerityGeometry.BLOCK_BYTES)
        .putInt(HASH_BLOCK_SIZE_AT, VerityGeometry.BLOCK_BYTES)
        .putLong(DATA_BLOCKS_AT, dataBlocks)
        .putShort(SALT_SIZE_AT, (short) saltBytes.length)
        .put(SALT_AT, saltBytes);
  }

  private static void require(String field, int offset, long expected, long actual)
      throws BadVerityException {
    if (actual != expected) {
      throw new BadVerityException(
          field, offset, Long.toString(expected), Long.toUnsignedString(actual));
    }
  }

  private static void requireAlgorithm(ByteBuffer field) throws BadVerityException {
    byte[] name = new byte[ALGORITHM_BYTES];
    field.get(name);
    String text = new String(name, StandardCharsets.ISO_8859_1);
    int end = text.indexOf('\0');
    String actual = end < 0 ? text : text.substring(0, end);
    String expected = new String(ALGORITHM, StandardCharsets.US_ASCII);
    if (!actual.equals(expected)) {
      throw new BadVerityException("algorithm", ALGORITHM_AT, expected, printable(actual));
    }
    requireZeros(field, ALGORITHM.length, ALGORITHM_BYTES, ALGORITHM_AT);
  }

  private static String printable(String text) {
    return text.replaceAll("[^ -~]", "?");
  }

  private static void requireZeros(ByteBuffer bytes, int from, int to) throws BadVerityException {
    requireZeros(bytes, from, to, 0);
  }

  private static void requireZeros(ByteBuffer bytes, int from, int to, int base)
      throws BadVerityException {
    for (int at = from; at < to; at++) {
      require("padding", base + at, 0, bytes.get(at));
    }
  }
}
