package io.lazerofs.fetcher.cache;

import io.lazerofs.source.Digest;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.ScheduledThreadPoolExecutor;

/**
 * A life of a cache that comes to every {@link CrashPoint}: blobs with and without a hash tree are
 * filled, flushed, refused, sealed, closed, condemned, and found in use and partly wrong.
 */
final class CrashScenario {
  private static final int BLOCK = CachedBlob.BLOCK_BYTES;
  private static final int STEP = 32 * BLOCK;

  private final TreeFixture tree;
  private final byte[] plain = CacheFixture.content(2, 50 * BLOCK - 99);
  private Instant now = Instant.EPOCH;

  CrashScenario() throws IOException {
    tree = TreeFixture.of(1, 150);
  }

  /** A disk that a test makes fail. */
  interface Disk extends CacheDirectory.Opener {
    void failForce(boolean fails);

    void fill(boolean full);
  }

  /** Lives all of it in a new directory. */
  void run(Path directory, Disk disk, CrashPoint.Hook hook) throws IOException {
    fillAndLose(directory, disk, hook);
    try (BlobCache cache = open(directory, disk, hook)) {
      cache.blob(tree.key()).close();
    }
    leaveInUse(directory, disk);
    damage(directory);
    verifyAndSeal(directory, disk, hook);
    leaveInUse(directory, disk);
    openAll(directory, disk, hook);
    openAll(directory, disk, hook);
  }

  private void fillAndLose(Path directory, Disk disk, CrashPoint.Hook hook) throws IOException {
    try (BlobCache cache = open(directory, disk, hook);
        CachedBlob verified = cache.blob(tree.key());
        CachedBlob blob = cache.blob(plainKey());
        CachedBlob condemned = cache.blob(wrongKey())) {
      long superblock = tree.root().hashOffset();
      store(verified, tree.content(), superblock, superblock + BLOCK);
      store(verified, tree.content(), superblock, tree.content().length);
      store(verified, tree.content(), 0, 40 * BLOCK);
      cache.flush();
      refuse(verified);
      store(verified, tree.content(), 64 * BLOCK, 70 * BLOCK);
      store(blob, plain, 0, 20 * BLOCK);
      disk.fill(true);
      cache.flush();
      disk.fill(false);
      cache.flush();
      store(condemned, plain, 0, plain.length);
      now = now.plus(CachedBlob.CONDEMNED_FOR);
      condemned.checkUsable();
      store(condemned, plain, 0, 3 * BLOCK);
      disk.failForce(true);
      cache.flush();
      disk.failForce(false);
      store(verified, tree.content(), tree.root().hashOffset(), tree.content().length);
      store(verified, tree.content(), 0, 100 * BLOCK);
      store(blob, plain, 30 * BLOCK, plain.length);
    }
  }

  /** Brings a wrong byte. */
  private void refuse(CachedBlob blob) throws IOException {
    byte[] bad = tree.flipped(50 * BLOCK);
    try {
      store(blob, bad, 44 * BLOCK, 60 * BLOCK);
      throw new AssertionError("wrong bytes were taken");
    } catch (WrongBytesException e) {
      if (e.offset() != 50 * BLOCK) {
        throw e;
      }
    }
  }

  /** Ends as a process does that is killed: the presence files say "in use". */
  private void leaveInUse(Path directory, Disk disk) throws IOException {
    for (BlobKey key : new BlobKey[] {tree.key(), plainKey()}) {
      CacheDirectory layout = new CacheDirectory(directory, disk);
      PresenceMap map = new PresenceMap((key.size() + BLOCK - 1) / BLOCK);
      PresenceMap claims = new PresenceMap(map.blocks());
      try (PresenceFile file =
          new PresenceFile(key, map, claims, layout.presence(key), CrashPoint.Hook.NONE)) {
        file.open();
        PresenceFile.Found found = file.load(key.size());
        file.writeState(found.state(), PresenceFile.Use.IN_USE);
      }
    }
  }

  private void damage(Path directory) throws IOException {
    Path data = directory.resolve("blobs").resolve(tree.key().fileName() + ".data");
    try (FileChannel file = FileChannel.open(data, StandardOpenOption.WRITE)) {
      file.write(ByteBuffer.wrap(new byte[BLOCK]), 7L * BLOCK);
    }
  }

  private void verifyAndSeal(Path directory, Disk disk, CrashPoint.Hook hook) throws IOException {
    try (BlobCache cache = open(directory, disk, hook);
        CachedBlob verified = cache.blob(tree.key());
        CachedBlob blob = cache.blob(plainKey())) {
      store(verified, tree.content(), 100 * BLOCK, tree.root().hashOffset());
      var _ = verified.verifyClaims(0, tree.content().length, source(verified, tree.content()));
      store(verified, tree.content(), 0, 10 * BLOCK);
      store(blob, plain, 0, plain.length);
    }
  }

  private void openAll(Path directory, Disk disk, CrashPoint.Hook hook) throws IOException {
    try (BlobCache cache = open(directory, disk, hook);
        CachedBlob verified = cache.blob(tree.key());
        CachedBlob blob = cache.blob(plainKey())) {
      if (!verified.isSealed() || !blob.isSealed()) {
        throw new AssertionError("all is there and right, and not sealed");
      }
    }
  }

  /** Opens what a crash left, and says what of it is wrong; brings in what is absent. */
  Optional<String> check(Path directory) throws IOException {
    try (BlobCache cache = open(directory, FileChannel::open, CrashPoint.Hook.NONE);
        CachedBlob verified = cache.blob(tree.key());
        CachedBlob blob = cache.blob(plainKey())) {
      Optional<String> wrong = wrongIn(verified, tree.content()).or(() -> wrongIn(blob, plain));
      store(verified, tree.content(), tree.root().hashOffset(), tree.content().length);
      store(verified, tree.content(), 0, tree.root().hashOffset());
      store(blob, plain, 0, plain.length);
      return wrong
          .or(() -> wrongIn(verified, tree.content()))
          .or(() -> wrongIn(blob, plain))
          .or(() ->
              verified.isSealed() && blob.isSealed()
                  ? Optional.empty()
                  : Optional.of("not sealed"));
    }
  }

  private static Optional<String> wrongIn(CachedBlob blob, byte[] content) {
    byte[] block = new byte[BLOCK];
    try {
      var _ = blob.verifyClaims(0, content.length, source(blob, content));
      for (int at = 0; at < content.length; at += BLOCK) {
        int length = Math.min(BLOCK, content.length - at);
        if (blob.read(at, MemorySegment.ofArray(block), 0, length) == CachedBlob.Outcome.READ
            && !Arrays.equals(block, 0, length, content, at, at + length)) {
          return Optional.of("wrong bytes at " + at + " of " + blob.digest());
        }
      }
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(e.toString());
    }
  }

  private BlobCache open(Path directory, CacheDirectory.Opener disk, CrashPoint.Hook hook)
      throws IOException {
    ScheduledThreadPoolExecutor never = new ScheduledThreadPoolExecutor(0);
    return BlobCache.open(
        new CacheDirectory(directory, disk),
        CacheLimits.DEFAULT,
        () -> now,
        hook,
        never,
        Runnable::run);
  }

  private BlobKey plainKey() {
    return new BlobKey(Digest.of(plain), plain.length);
  }

  private BlobKey wrongKey() {
    return new BlobKey(Digest.of(new byte[] {7}), plain.length);
  }

  /** Brings what is asked for, as a fetch does. */
  private static HashTreeSource source(CachedBlob blob, byte[] content) {
    return (offset, length) -> {
      long end = blob.verifiableEnd(offset + length);
      store(blob, content, blob.verifiableStart(offset), end);
      return true;
    };
  }

  private static void store(CachedBlob blob, byte[] content, long start, long end)
      throws IOException {
    try (BlockWriter writer = blob.writer(start, end - start, STEP, source(blob, content))) {
      writer.write(ByteBuffer.wrap(content, (int) start, (int) (end - start)));
      writer.finish();
    }
  }
}
