package io.lazerofs.erofs;

import io.lazerofs.erofs.disk.CompactInode;
import io.lazerofs.erofs.disk.DataLayout;
import io.lazerofs.erofs.disk.DeviceSlot;
import io.lazerofs.erofs.disk.Dirent;
import io.lazerofs.erofs.disk.ExtendedInode;
import io.lazerofs.erofs.disk.InodeFormat;
import io.lazerofs.erofs.disk.Superblock;
import io.lazerofs.source.ByteSource;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;

/**
 * An image of a few blocks, laid by hand: metadata from block {@link #META} on, an empty root
 * directory as nid 0. Blocks that nothing was put into hold their own number in each byte.
 */
final class TinyImage {
  static final int META = 4;
  static final int ROOT_BLOCK = 8;

  final byte[] bytes;
  final MemorySegment memory;
  final int blockBits;
  int compatible;
  int incompatible;
  int extraDevices;
  int deviceTableSlot;
  int directoryBlockBits;
  int fixedNanoseconds;
  int xattrPrefixCount;
  long xattrPrefixStart;
  long xattrBlock;
  long packedNid;
  long inodes = 1;

  TinyImage(int blocks) {
    this(blocks, 9);
  }

  TinyImage(int blocks, int blockBits) {
    this.bytes = new byte[blocks << blockBits];
    this.memory = MemorySegment.ofArray(bytes);
    this.blockBits = blockBits;
    for (int block = ROOT_BLOCK + 1; block < blocks; block++) {
      Arrays.fill(bytes, block << blockBits, (block + 1) << blockBits, (byte) block);
    }
    inode(0, compact(DataLayout.FLAT_PLAIN, 040755, 1 << blockBits, ROOT_BLOCK));
    directory(ROOT_BLOCK, ".", 0, "..", 0);
  }

  static CompactInode compact(DataLayout layout, int mode, long size, int data) {
    return new CompactInode(
        InodeFormat.of(false, layout, false), 0, mode, 1, size, 0, data, 0, 0, 0);
  }

  static ExtendedInode extended(DataLayout layout, int mode, int high, long size, int data) {
    return new ExtendedInode(
        InodeFormat.of(true, layout, false), 0, mode, high, size, data, 0, 0, 0, 0, 0, 1);
  }

  /** Returns where an inode is. */
  int offset(long nid) {
    return (int) (((long) META << blockBits) + nid * 32);
  }

  TinyImage inode(long nid, CompactInode inode) {
    inode.encode(memory, offset(nid));
    return this;
  }

  TinyImage inode(long nid, ExtendedInode inode) {
    inode.encode(memory, offset(nid));
    return this;
  }

  TinyImage put(long offset, int... values) {
    for (int i = 0; i < values.length; i++) {
      bytes[(int) offset + i] = (byte) values[i];
    }
    return this;
  }

  TinyImage device(int index, DeviceSlot slot) {
    deviceTableSlot = 1536 / DeviceSlot.SIZE;
    slot.encode(memory, 1536 + (long) index * DeviceSlot.SIZE);
    return this;
  }

  /** Writes a directory block of names and nids in turn, all of them directories. */
  TinyImage directory(int block, Object... namesAndNids) {
    int start = block << blockBits;
    Arrays.fill(bytes, start, start + (1 << blockBits), (byte) 0);
    int count = namesAndNids.length / 2;
    int nameAt = count * Dirent.SIZE;
    for (int i = 0; i < count; i++) {
      byte[] name = ListedFile.bytes((String) namesAndNids[2 * i]);
      new Dirent((int) namesAndNids[2 * i + 1], nameAt, 2)
          .encode(memory, start + (long) i * Dirent.SIZE);
      MemorySegment.copy(name, 0, memory, ValueLayout.JAVA_BYTE, start + nameAt, name.length);
      nameAt += name.length;
    }
    return this;
  }

  ByteSource source() {
    Superblock superblock =
        new Superblock(
            0,
            compatible,
            blockBits,
            0,
            0,
            inodes,
            0,
            fixedNanoseconds,
            bytes.length >> blockBits,
            META,
            xattrBlock,
            new UUID(0, 0),
            "",
            incompatible,
            0,
            extraDevices,
            deviceTableSlot,
            directoryBlockBits,
            xattrPrefixCount,
            xattrPrefixStart,
            packedNid,
            0,
            0,
            0,
            0);
    superblock.encode(memory, Superblock.OFFSET);
    if ((compatible & 1) != 0) {
      Superblock.seal(memory.asSlice(Superblock.OFFSET), blockBits);
    }
    return new ArraySource(bytes, true);
  }

  ErofsImage open(ByteSource... devices) throws IOException {
    return ErofsImage.open(source(), List.of(devices));
  }
}
