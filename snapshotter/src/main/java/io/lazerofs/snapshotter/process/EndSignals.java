package io.lazerofs.snapshotter.process;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/**
 * The signals that ask this process to end: the first one politely, the second one at once.
 *
 * <p>The JVM's own handlers run shutdown hooks and are deaf to a second signal from then on. These
 * start the end and leave it to the program to return from its main method; one that has not
 * returned in time is aborted as if the second signal had come. One that was aborted exits with 128
 * and the signal's number, as a shell would say of it, when it is done with cleaning up or that
 * takes too long.
 */
public final class EndSignals {
  private static final Logger log = LoggerFactory.getLogger(EndSignals.class);

  private static final List<String> NAMES = List.of("TERM", "INT", "HUP");

  /** How long the program may take to end after the first signal. */
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  /** How long it may take to end after it was aborted. */
  private static final Duration CLEAN_UP = Duration.ofSeconds(2);

  /** What a shell adds to the number of a signal that ended a process. */
  private static final int BY_SIGNAL = 128;

  private final Runnable end;
  private final Runnable abort;
  private final AtomicBoolean received = new AtomicBoolean();
  private final CountDownLatch again = new CountDownLatch(1);

  private EndSignals(Runnable end, Runnable abort) {
    this.end = end;
    this.abort = abort;
  }

  /**
   * Takes the signals over, for the rest of this process's life.
   *
   * @param end makes the main method return before long; called once at most
   * @param abort makes it return at once, called once at most, also while {@code end} runs
   */
  public static void handle(Runnable end, Runnable abort) {
    EndSignals signals = new EndSignals(end, abort);
    for (String name : NAMES) {
      Signal signal = new Signal(name);
      if (Signal.handle(signal, signals::receive).equals(SignalHandler.SIG_IGN)) {
        // Whoever started this process has it outlive that signal, as nohup(1) does.
        Signal.handle(signal, SignalHandler.SIG_IGN);
      }
    }
  }

  /** Takes a signal, on a thread that the JVM made for it. */
  private void receive(Signal signal) {
    if (received.compareAndSet(false, true)) {
      Thread.ofPlatform().daemon().name("abort").start(() -> abortIfLate(signal));
      end.run();
    } else {
      again.countDown();
    }
  }

  private void abortIfLate(Signal signal) {
    int status = BY_SIGNAL + signal.getNumber();
    try {
      boolean asked = again.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      log.warn("aborted: {}", asked ? "a second signal came" : "ending takes too long");
      Runtime.getRuntime().addShutdownHook(new Thread(() -> Runtime.getRuntime().halt(status)));
      Thread.ofPlatform().daemon().name("abort-call").start(abort);
      Thread.sleep(CLEAN_UP);
    } catch (InterruptedException e) {
      log.warn("ended at once", e);
    }
    Runtime.getRuntime().halt(status);
  }
}
