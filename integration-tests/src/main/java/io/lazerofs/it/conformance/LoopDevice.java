package io.lazerofs.it.conformance;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A loop device whose file takes one image after another, because attaching a device for each costs
 * more than all the rest. Between two images nothing may be mounted from it: the kernel then drops
 * what it has cached of the device. Needs root.
 */
final class LoopDevice implements AutoCloseable {
  private final Path file;
  private final String device;

  private LoopDevice(Path file, String device) {
    this.file = file;
    this.device = device;
  }

  /**
   * Attaches a device.
   *
   * @param size the largest image that it takes, bytes; only what is written takes room
   */
  static LoopDevice attach(Path file, long size) throws IOException, InterruptedException {
    try (RandomAccessFile created = new RandomAccessFile(file.toFile(), "rw")) {
      created.setLength(size);
    }
    return new LoopDevice(file, Program.run("losetup", "--find", "--show", file + "").strip());
  }

  /** Returns the path of the device. */
  String path() {
    return device;
  }

  /** Puts an image in the place of the one before. */
  void put(byte[] image) throws IOException {
    Files.write(file, image, StandardOpenOption.WRITE);
  }

  @Override
  public void close() throws IOException, InterruptedException {
    Program.run("losetup", "--detach", device);
    Files.delete(file);
  }
}
