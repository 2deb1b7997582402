package io.lazerofs.it.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lazerofs.snapshotter.process.ServiceManager;
import io.lazerofs.snapshotter.process.Watchdog;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When a service manager is told that all is well, and when not. */
final class WatchdogTest {
  @TempDir Path directory;

  @Test
  void signsComeWhileAllIsWellAndOnlyThen() throws IOException {
    var trouble = new AtomicReference<>(Optional.<String>empty());
    try (var socket = NotifySocket.bind(directory.resolve("notify").toString());
        var _ = Watchdog.start(manager(socket, "20000"), trouble::get)) {
      awaitMessage(socket, List.of("WATCHDOG=1"));
      trouble.set(Optional.of("the mount is gone"));
      var heard = awaitMessage(socket, List.of("STATUS=not well: the mount is gone"));
      assertThat(heard).allMatch(List.of("WATCHDOG=1")::equals);
      // A look that had begun before may still have been a good one; none after is.
      assertThat(awaitMessage(socket, List.of("STATUS=not well: the mount is gone"))).isEmpty();
      trouble.set(Optional.empty());
      awaitMessage(socket, List.of("WATCHDOG=1"));
      assertThat(awaitMessage(socket, List.of("STATUS=well again"))).isEmpty();
    }
  }

  @Test
  void aCheckThatThrowsIsNoSignAndIsAskedAgain() throws IOException {
    var calls = new AtomicInteger();
    try (var socket = NotifySocket.bind(directory.resolve("notify").toString());
        var _ =
            Watchdog.start(
                manager(socket, "20000"),
                () -> {
                  if (calls.getAndIncrement() == 0) {
                    throw new IllegalStateException("the first fails");
                  }
                  return Optional.empty();
                })) {
      assertThat(awaitMessage(socket, List.of("WATCHDOG=1")))
          .containsExactly(List.of("STATUS=not well: the check failed"));
    }
  }

  /** Waits for a message, and returns what came before it. */
  private static List<List<String>> awaitMessage(NotifySocket socket, List<String> message) {
    var before = new ArrayList<List<String>>();
    await()
        .until(() -> {
          var next = socket.poll();
          if (!next.isEmpty() && !next.equals(message)) {
            before.add(next);
          }
          return next.equals(message);
        });
    return before;
  }

  private static ServiceManager manager(NotifySocket socket, String micros) {
    return ServiceManager.of(Map.of("NOTIFY_SOCKET", socket.address(), "WATCHDOG_USEC", micros), 1);
  }
}
