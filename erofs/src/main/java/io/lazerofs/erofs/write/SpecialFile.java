package io.lazerofs.erofs.write;

import io.lazerofs.erofs.disk.FileType;

/** A device, named pipe or socket. */
final class SpecialFile extends Node {
  private static final long MAX_MAJOR = 0xfff;
  private static final long MAX_MINOR = 0xfffff;

  private final FileType type;
  private final int device;

  private SpecialFile(FileAttributes attributes, FileType type, int device) {
    super(attributes);
    this.type = type;
    this.device = device;
  }

  static SpecialFile fifo(FileAttributes attributes) {
    return new SpecialFile(attributes, FileType.FIFO, 0);
  }

  static SpecialFile socket(FileAttributes attributes) {
    return new SpecialFile(attributes, FileType.SOCKET, 0);
  }

  /**
   * Returns a device.
   *
   * @param type {@link FileType#CHARACTER_DEVICE} or {@link FileType#BLOCK_DEVICE}
   * @throws IllegalArgumentException when Linux has no such device numbers
   */
  static SpecialFile device(FileAttributes attributes, FileType type, long major, long minor) {
    if (major < 0 || major > MAX_MAJOR || minor < 0 || minor > MAX_MINOR) {
      throw new IllegalArgumentException("no device number of Linux: " + major + ":" + minor);
    }
    // new_encode_dev() of the kernel's include/linux/kdev_t.h.
    long device = (minor & 0xff) | (major << 8) | ((minor & ~0xffL) << 12);
    return new SpecialFile(attributes, type, (int) device);
  }

  /** Returns what overlayfs takes for "nothing here, nor below": the character device 0:0. */
  static SpecialFile whiteout(FileAttributes attributes) {
    return device(attributes, FileType.CHARACTER_DEVICE, 0, 0);
  }

  boolean isWhiteout() {
    return type == FileType.CHARACTER_DEVICE && device == 0;
  }

  @Override
  FileType type() {
    return type;
  }

  /** Returns the device number as inodes hold it. */
  int device() {
    return device;
  }
}
