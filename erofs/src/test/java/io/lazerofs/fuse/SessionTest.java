package io.lazerofs.fuse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lazerofs.fuse.Protocol.Operation;
import io.lazerofs.fuse.sys.FakeKernel;
import io.lazerofs.fuse.sys.FakeKernel.Answer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A session against a kernel that counts what it is told, with interleavings forced by latches. */
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SessionTest {
  private static final int WORKERS = 2;
  private static final int READ_BYTES = 100;
  private static final int EIO = -Errno.EIO.number();

  private final FakeKernel kernel = new FakeKernel();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final ExecutorService serving = Executors.newCachedThreadPool();

  @AfterEach
  void endThreads() throws InterruptedException {
    kernel.end();
    serving.shutdown();
    assertThat(serving.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
    threads.shutdownNow();
    assertThat(threads.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
  }

  private Session session(ReadsOnly.Read read, Executor waiters) {
    SessionState state = new SessionState(40, 1 << 17, 0, 32);
    Session session = new Session(kernel, state, new ReadsOnly(read), WORKERS, waiters);
    session.workers().forEach(serving::execute);
    return session;
  }

  private void sendRead(long unique, long node) {
    kernel.send(
        ByteBuffer.allocate(80)
            .order(ByteOrder.nativeOrder())
            .putInt(80)
            .putInt(Operation.READ)
            .putLong(unique)
            .putLong(node)
            .putInt(40 + 16, READ_BYTES)
            .array());
  }

  private static void pass(CountDownLatch gate) throws IOException {
    try {
      assertThat(gate.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  private void awaitQuiet(Session session, int replies) {
    await().until(() -> kernel.replies().size() >= replies && session.inFlight() == 0);
    assertThat(session.buffersOut()).isZero();
    assertThat(kernel.replies().stream().map(Answer::unique))
        .hasSize(replies)
        .doesNotHaveDuplicates();
  }

  /** Waiters that refuse some tasks, run some on the worker itself, and others in time or late. */
  private Executor unreliable(Random random) {
    return task -> {
      switch (random.nextInt(4)) {
        case 0 -> throw new RejectedExecutionException("made to fail");
        case 1 -> task.run();
        default -> threads.execute(task);
      }
    };
  }

  @Test
  void C1_eachRequestIsAnsweredOnceHoweverItsBytesCome() {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    Map<Long, AtomicInteger> asked = new ConcurrentHashMap<>();
    Session session =
        session(
            (node, _) -> {
              int time = asked.computeIfAbsent(node, _ -> new AtomicInteger()).getAndIncrement();
              int kind = (int) (node % 5);
              if (kind == 0 || time > kind) {
                return READ_BYTES;
              }
              switch (kind) {
                case 1 -> throw new IOException("made to fail");
                case 2 -> throw new IllegalStateException("made to fail");
                case 3 -> throw Filling.absent(() -> {});
                default ->
                    throw Filling.absent(() -> {
                      if (time == 2) {
                        throw new IOException("a fill that is made to fail");
                      }
                    });
              }
            },
            unreliable(random));
    int requests = 1_000;
    for (int i = 1; i <= requests; i++) {
      sendRead(i, i);
    }
    awaitQuiet(session, requests);
    assertThat(kernel.replies())
        .allSatisfy(reply -> {
          if (reply.unique() % 5 == 0) {
            assertThat(reply.length()).isEqualTo(READ_BYTES);
          }
          assertThat(reply.error()).isIn(0, EIO);
          assertThat(reply.length()).isEqualTo(reply.error() == 0 ? READ_BYTES : 0);
        });
  }

  @Test
  void C2_fillThatEndsBeforeTheWorkerLetsGoIsAnsweredOnce() {
    AtomicInteger asked = new AtomicInteger();
    Executor ended =
        task -> {
          Future<?> done = threads.submit(task);
          await().until(done::isDone);
        };
    Session session =
        session(
            (_, _) -> {
              if (asked.getAndIncrement() == 0) {
                throw Filling.absent(() -> {});
              }
              return READ_BYTES;
            },
            ended);
    sendRead(1, 7);
    awaitQuiet(session, 1);
    assertThat(kernel.replies()).containsExactly(new Answer(1, 0, READ_BYTES));
  }

  @Test
  void C3_requestThatMeetsAbsentBytesTwiceIsAnsweredOnce() {
    AtomicInteger asked = new AtomicInteger();
    CountDownLatch second = new CountDownLatch(1);
    Session session =
        session(
            (_, _) -> {
              int time = asked.getAndIncrement();
              if (time < 2) {
                throw Filling.absent(() -> {
                  if (time == 1) {
                    pass(second);
                  }
                });
              }
              return READ_BYTES;
            },
            threads);
    sendRead(1, 7);
    await().until(() -> asked.get() == 2);
    assertThat(session.inFlight()).isEqualTo(1);
    assertThat(kernel.replies()).isEmpty();
    second.countDown();
    awaitQuiet(session, 1);
    assertThat(asked).hasValue(3);
  }

  @Test
  void quiesceWaitsForTheWorkerThatAnswersButNotForLaterRequests() throws Exception {
    CountDownLatch reading = new CountDownLatch(1);
    CountDownLatch gate = new CountDownLatch(1);
    Session session =
        session(
            (node, _) -> {
              if (node == 7) {
                reading.countDown();
                pass(gate);
              }
              return READ_BYTES;
            },
            threads);
    session.quiesce();
    sendRead(1, 7);
    pass(reading);
    Future<?> quiesced = threads.submit(session::quiesce);
    for (int i = 2; i < 1000; i++) {
      sendRead(i, 8);
    }
    await().until(() -> kernel.replies().size() == 998);
    assertThat(quiesced.isDone()).isFalse();
    gate.countDown();
    quiesced.get();
    assertThat(kernel.replies()).contains(new Answer(1, 0, READ_BYTES));
  }

  @Test
  void quiesceWaitsForARequestThatWaitedOnlyWhileItIsAnswered() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    CountDownLatch fill = new CountDownLatch(1);
    CountDownLatch answer = new CountDownLatch(1);
    CountDownLatch filling = new CountDownLatch(1);
    CountDownLatch answering = new CountDownLatch(1);
    Session session =
        session(
            (_, _) -> {
              if (asked.getAndIncrement() == 0) {
                throw Filling.absent(() -> {
                  filling.countDown();
                  pass(fill);
                });
              }
              answering.countDown();
              pass(answer);
              return READ_BYTES;
            },
            threads);
    sendRead(1, 7);
    pass(filling);
    await().until(() -> session.buffersOut() == 0);
    session.quiesce();
    assertThat(session.inFlight()).isEqualTo(1);
    fill.countDown();
    pass(answering);
    Future<?> quiesced = threads.submit(session::quiesce);
    assertThat(session.buffersOut()).isEqualTo(1);
    assertThat(quiesced.isDone()).isFalse();
    answer.countDown();
    quiesced.get();
    awaitQuiet(session, 1);
  }

  @Test
  void sessionIsOverWithoutThoseWhoStillWaitAndTheyTouchNothing() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    CountDownLatch gate = new CountDownLatch(1);
    Session session =
        session(
            (_, _) -> {
              asked.incrementAndGet();
              throw Filling.absent(() -> pass(gate));
            },
            threads);
    sendRead(1, 7);
    await().until(() -> asked.get() == 1 && session.buffersOut() == 0);
    kernel.end();
    session.over().await();
    assertThat(kernel.isClosed()).isTrue();
    assertThat(session.inFlight()).isEqualTo(1);
    gate.countDown();
    await().until(() -> session.inFlight() == 0);
    assertThat(asked).hasValue(1);
    assertThat(kernel.replies()).isEmpty();
  }

  @Test
  void aSessionThatIsHandedOverIsLeftAndItsWaitersWithIt() throws Exception {
    CountDownLatch gate = new CountDownLatch(1);
    Session session =
        session(
            (node, _) -> {
              if (node == 7) {
                throw Filling.absent(() -> pass(gate));
              }
              return 0;
            },
            threads);
    sendRead(1, 7);
    await().until(() -> session.inFlight() == 1 && session.buffersOut() == 0);
    session.handOver();
    sendRead(2, 8);
    sendRead(3, 8);
    session.over().await();
    assertThat(kernel.isClosed()).isTrue();
    gate.countDown();
    await().until(() -> session.inFlight() == 0);
    assertThat(kernel.replies().stream().map(Answer::unique)).doesNotContain(1L);
  }

  @Test
  void aSuccessorAsksForWhatWasNotAnswered() {
    assertThat(Session.resend(kernel)).isZero();
    assertThat(kernel.replies()).containsExactly(new Answer(0, Protocol.NOTIFY_RESEND, 0));
  }
}
