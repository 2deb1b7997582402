package io.lazerofs.fetcher.cache;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * A disk that can be full, and that knows what of its files would survive a power cut: what was
 * forced, and of the rest any sectors of 512 bytes.
 */
final class SimulatedDisk implements CacheDirectory.Opener {
  private static final int SECTOR = 512;

  private final Map<Path, Platter> platters = new TreeMap<>();
  private boolean full;
  private boolean forceFails;

  private static final class Platter {
    private byte[] durable = {};
    private final List<Write> pending = new ArrayList<>();
  }

  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  private record Write(long position, byte[] bytes) {}

  synchronized void setFull(boolean full) {
    this.full = full;
  }

  synchronized void setForceFails(boolean forceFails) {
    this.forceFails = forceFails;
  }

  @Override
  public FileChannel open(Path file, OpenOption... options) throws IOException {
    return new Channel(file, FileChannel.open(file, options));
  }

  @Override
  public void punch(Path file, long offset, long length) throws IOException {
    synchronized (this) {
      platter(file).pending.add(new Write(offset, new byte[Math.toIntExact(length)]));
    }
    CacheDirectory.Opener.super.punch(file, offset, length);
  }

  private final class Channel extends ForwardingFileChannel {
    private final Path file;

    Channel(Path file, FileChannel delegate) {
      super(delegate);
      this.file = file;
    }

    @Override
    public int write(ByteBuffer source, long position) throws IOException {
      byte[] bytes = new byte[source.remaining()];
      source.get(source.position(), bytes);
      synchronized (SimulatedDisk.this) {
        if (full) {
          throw new IOException("No space left on device");
        }
        platter(file).pending.add(new Write(position, bytes));
      }
      return super.write(source, position);
    }

    @Override
    public void force(boolean metaData) throws IOException {
      synchronized (SimulatedDisk.this) {
        if (forceFails) {
          throw new IOException("Input/output error");
        }
        Platter platter = platter(file);
        for (Write write : platter.pending) {
          platter.durable = apply(platter.durable, write.position, write.bytes);
        }
        platter.pending.clear();
      }
    }
  }

  private Platter platter(Path file) {
    return platters.computeIfAbsent(file, _ -> new Platter());
  }

  private static byte[] apply(byte[] target, long position, byte[] bytes) {
    int at = Math.toIntExact(position);
    byte[] grown = Arrays.copyOf(target, Math.max(target.length, at + bytes.length));
    System.arraycopy(bytes, 0, grown, at, bytes.length);
    return grown;
  }

  /** Writes as {@link #cutPower} does, for callers that throw nothing. */
  void cutPowerUnchecked(Path from, Path to, Random random) {
    try {
      cutPower(from, to, random);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Writes what a power cut leaves of the files below {@code from} to {@code to}. */
  synchronized void cutPower(Path from, Path to, Random random) throws IOException {
    for (Map.Entry<Path, Platter> entry : platters.entrySet()) {
      byte[] left = entry.getValue().durable;
      for (Write write : entry.getValue().pending) {
        for (int at = 0; at < write.bytes.length; at += SECTOR) {
          if (random.nextBoolean()) {
            int end = Math.min(write.bytes.length, at + SECTOR);
            left = apply(left, write.position + at, Arrays.copyOfRange(write.bytes, at, end));
          }
        }
      }
      boolean removed = !Files.exists(entry.getKey());
      if (removed && random.nextBoolean()) {
        continue;
      }
      // A file that was removed may be there again: its directory is as durable as its bytes.
      int length = removed ? left.length : Math.toIntExact(Files.size(entry.getKey()));
      Path target = to.resolve(from.relativize(entry.getKey()));
      Files.createDirectories(target.getParent());
      Files.write(target, Arrays.copyOf(left, length));
    }
  }
}
