package io.lazerofs.snapshotter.mount;

import io.lazerofs.files.FileSystemType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out whether a mount of ours answers, by asking it for a name that it does not have: the
 * kernel remembers no missing names of its root, so each question reaches a worker.
 *
 * <p>The question is asked on a thread of its own, on which no answer depends: whoever asks a mount
 * that hangs hangs with it, until the mount is aborted. One question is under way at a time,
 * however many wait for its answer. Safe for use by many threads.
 */
public final class MountProbe implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(MountProbe.class);
  private static final String MISSING_NAME = ".does-it-answer";

  private final Path mountPoint;
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("mount-probe").factory());
  private CompletableFuture<Boolean> question = CompletableFuture.completedFuture(true);

  public MountProbe(Path mountPoint) {
    this.mountPoint = mountPoint;
  }

  /**
   * Returns whether the mount is there and answers.
   *
   * @param patience after which it counts as one that does not
   */
  public boolean answers(Duration patience) {
    try {
      return question().get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      log.warn("{} does not answer within {}", mountPoint, patience);
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (RejectedExecutionException e) {
      // Closed: the daemon ends, and its mount goes.
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException("a probe that throws", e);
    }
  }

  private synchronized CompletableFuture<Boolean> question() {
    if (question.isDone()) {
      question = CompletableFuture.supplyAsync(this::ask, thread);
    }
    return question;
  }

  private boolean ask() {
    try {
      Files.readAttributes(
          mountPoint.resolve(MISSING_NAME), BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException asItShould) {
      // A directory that nothing is mounted on says so too.
      return FileSystemType.of(mountPoint).equals(FileSystemType.LAZEROFS);
    } catch (IOException e) {
      log.warn("{} is not well: {}", mountPoint, e.toString());
      return false;
    }
    return true;
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
