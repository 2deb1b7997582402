package io.lazerofs.snapshotter.daemon;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * The sole right to a root directory: a lock on a file that holds the owner's process id. The
 * kernel gives it free when the process ends, however it ends.
 */
final class RootLock implements AutoCloseable {
  private static final int LONGEST_ID = 20;

  private final FileChannel channel;

  private RootLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Takes the lock.
   *
   * @throws IOException when another daemon has it, and which
   */
  static RootLock take(Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      if (tryLock(channel) == null) {
        throw new IOException(
            "%s is in use by another daemon, process %s; stop it, or choose another root"
                .formatted(file.getParent(), owner(channel)));
      }
      channel.truncate(0);
      channel.write(
          ByteBuffer.wrap(
              Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII)),
          0);
      return new RootLock(channel);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException sameProcess) {
      return null;
    }
  }

  private static String owner(FileChannel channel) throws IOException {
    ByteBuffer id = ByteBuffer.allocate(LONGEST_ID);
    channel.read(id, 0);
    return new String(id.array(), 0, id.position(), StandardCharsets.US_ASCII);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
