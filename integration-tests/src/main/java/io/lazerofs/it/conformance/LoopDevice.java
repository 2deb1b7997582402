package io.lazerofs.it.conformance;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A loop device that takes one image after another, because attaching a device for each costs more
 * than all the rest. Between two images nothing may be mounted from it. Needs root.
 *
 * <p>Images are written through the device, not into its file: the kernel keeps what it has cached
 * of a device for as long as anybody has it open, a program that looks for partitions too.
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
    try (FileChannel channel = FileChannel.open(Path.of(device), StandardOpenOption.WRITE)) {
      ByteBuffer left = ByteBuffer.wrap(image);
      while (left.hasRemaining()) {
        channel.write(left);
      }
      channel.force(false);
    }
  }

  @Override
  public void close() throws IOException, InterruptedException {
    Program.run("losetup", "--detach", device);
    Files.delete(file);
  }
}
