package io.lazerofs.snapshotter.daemon;

import io.lazerofs.snapshotter.keeper.Watcher;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The sole right to a root directory: a lock on a file that holds the owner's process id, that of
 * the process which was started to watch over the owner ({@link Watcher#started}), and its socket.
 * The kernel gives it free when the owner ends, however it ends.
 */
final class RootLock implements AutoCloseable {
  private static final int LONGEST_TEXT = 8192;

  /** How long an owner may take that has been told to go. */
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  private static final Duration POLL = Duration.ofMillis(20);

  private final FileChannel channel;

  private RootLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Takes the lock. An owner that is dead all but in name is waited for, and one that nobody
   * watches over any more is asked to go.
   *
   * @param watcher who watches over this process
   * @param address the socket that it serves
   * @throws IOException when another daemon has it, and which
   */
  static RootLock take(Path file, Watcher watcher, Path address, Predecessor predecessor)
      throws IOException {
    FileChannel channel = open(file);
    try {
      if (tryLock(channel) == null) {
        Owner owner = Owner.read(channel);
        boolean leaves =
            owner.isDead()
                || ((owner.isOrphan() || predecessor.takePlace())
                    && predecessor.askToLeave(owner.pid, owner.address));
        if (!leaves || !waitFor(channel)) {
          throw inUse(file, owner);
        }
      }
      return own(channel, watcher.started() + " " + address);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /**
   * Takes the lock for work that no daemon is to see. An owner is left alone.
   *
   * @throws IOException when a daemon has it, and which
   */
  static RootLock takeUnused(Path file) throws IOException {
    FileChannel channel = open(file);
    try {
      if (tryLock(channel) == null) {
        throw inUse(file, Owner.read(channel));
      }
      return own(channel, "0 none");
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static FileChannel open(Path file) throws IOException {
    return FileChannel.open(
        file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  private static IOException inUse(Path file, Owner owner) {
    return new IOException(
        "%s is in use by another daemon, process %s; stop it, or choose another root"
            .formatted(file.getParent(), owner.pid));
  }

  private static RootLock own(FileChannel channel, String watcherAndAddress) throws IOException {
    channel.truncate(0);
    String text = ProcessHandle.current().pid() + " " + watcherAndAddress;
    channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), 0);
    return new RootLock(channel);
  }

  /** Tries for a while. */
  private static boolean waitFor(FileChannel channel) throws IOException {
    long begin = System.nanoTime();
    while (tryLock(channel) == null) {
      if (System.nanoTime() - begin > PATIENCE.toNanos()) {
        return false;
      }
      LockSupport.parkNanos(POLL.toNanos());
    }
    return true;
  }

  /**
   * Who has the lock.
   *
   * @param pid the process
   * @param watcher who was started to watch over it
   * @param address the socket that it serves
   */
  private record Owner(long pid, long watcher, Path address) {
    static Owner read(FileChannel channel) throws IOException {
      ByteBuffer text = ByteBuffer.allocate(LONGEST_TEXT);
      channel.read(text, 0);
      String[] words =
          new String(text.array(), 0, text.position(), StandardCharsets.UTF_8).split(" ", 3);
      try {
        return new Owner(Long.parseLong(words[0]), Long.parseLong(words[1]), Path.of(words[2]));
      } catch (NumberFormatException | IndexOutOfBoundsException e) {
        return new Owner(0, 0, Path.of(""));
      }
    }

    boolean isDead() {
      return pid != 0 && !Watcher.isAlive(pid);
    }

    boolean isOrphan() {
      return watcher != 0 && !Watcher.isAlive(watcher);
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException sameProcess) {
      return null;
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
