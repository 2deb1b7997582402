package io.lazerofs.fetcher.cache;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The exclusive right to a cache directory: a POSIX record lock on its {@code lock} file, which the
 * kernel drops when the process ends, however it ends.
 *
 * <p>The holder's process number and start time are in a file beside it, {@code owner}. They cannot
 * be in {@code lock}: a process loses its POSIX locks on a file when it closes any descriptor of
 * that file, so nothing but the lock itself may open it. For the same reason a second attempt from
 * within the holding process is refused by what {@code owner} says, before {@code lock} is touched.
 */
final class DirectoryLock implements AutoCloseable {
  private final CacheDirectory directory;
  private final FileChannel channel;

  private DirectoryLock(CacheDirectory directory, FileChannel channel) {
    this.directory = directory;
    this.channel = channel;
  }

  /**
   * Takes the lock.
   *
   * @throws DirectoryInUseException when it is taken
   */
  static DirectoryLock acquire(CacheDirectory directory) throws IOException {
    Optional<Owner> owner = readOwner(directory);
    Owner self = Owner.self();
    if (owner.equals(Optional.of(self))) {
      throw new DirectoryInUseException(directory.path(), OptionalLong.of(self.pid));
    }
    FileChannel channel =
        FileChannel.open(directory.lock(), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      if (!tryLock(channel)) {
        throw new DirectoryInUseException(
            directory.path(),
            owner.map(o -> OptionalLong.of(o.pid)).orElseGet(OptionalLong::empty));
      }
      Files.writeString(directory.owner(), self.toLine());
      return new DirectoryLock(directory, channel);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static boolean tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  private static Optional<Owner> readOwner(CacheDirectory directory) throws IOException {
    if (!Files.isRegularFile(directory.owner())) {
      return Optional.empty();
    }
    return Optional.ofNullable(Owner.parse(Files.readString(directory.owner(), ISO_8859_1)));
  }

  /** Gives the directory up. */
  @Override
  public void close() throws IOException {
    try {
      Files.deleteIfExists(directory.owner());
    } finally {
      channel.close();
    }
  }

  /** A process, told from an earlier one of the same number by its start. */
  private record Owner(long pid, long startMillis) {

    static Owner self() {
      ProcessHandle self = ProcessHandle.current();
      return new Owner(
          self.pid(), self.info().startInstant().map(Instant::toEpochMilli).orElse(0L));
    }

    String toLine() {
      return pid + " " + startMillis + "\n";
    }

    static @Nullable Owner parse(String line) {
      String[] parts = line.strip().split(" ", -1);
      try {
        return parts.length == 2
            ? new Owner(Long.parseLong(parts[0]), Long.parseLong(parts[1]))
            : null;
      } catch (NumberFormatException e) {
        return null;
      }
    }
  }
}
