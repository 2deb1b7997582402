package io.lazerofs.it.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.lazerofs.snapshotter.process.ServiceManager;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said to a service manager, and to which. */
final class ServiceManagerTest {
  private static final long PID = 4711;

  @TempDir Path directory;

  @Test
  void aManagerIsToldOfTheBeginningTheLifeAndTheEnd() throws IOException {
    try (var socket = NotifySocket.bind(directory.resolve("notify").toString())) {
      var manager = manager(Map.of("NOTIFY_SOCKET", socket.address()));
      manager.ready("serving /run/s");
      manager.alive();
      manager.status("two\nlines");
      manager.stopping();
      assertThat(socket.poll()).containsExactly("READY=1", "STATUS=serving /run/s");
      assertThat(socket.poll()).containsExactly("WATCHDOG=1");
      assertThat(socket.poll()).containsExactly("STATUS=two lines");
      assertThat(socket.poll()).containsExactly("STOPPING=1", "STATUS=stopping");
      assertThat(socket.poll()).isEmpty();
    }
  }

  @Test
  void anAddressMayBeAbstract() throws IOException {
    var name = "@lazerofs-test-" + ProcessHandle.current().pid() + "-" + new Random().nextLong();
    try (var socket = NotifySocket.bind(name)) {
      manager(Map.of("NOTIFY_SOCKET", name)).alive();
      assertThat(socket.poll()).containsExactly("WATCHDOG=1");
    }
  }

  @Test
  void withoutAManagerNobodyIsToldAndThereIsNoWatchdog() {
    var manager = manager(Map.of("WATCHDOG_USEC", "1000000"));
    assertThat(manager.watchdog()).isEmpty();
    assertThatCode(() -> manager.ready("serving")).doesNotThrowAnyException();
  }

  @Test
  void aManagerThatIsGoneOrHasNoUsableAddressIsNoReasonToFail() {
    for (var address :
        new String[] {
          directory.resolve("gone").toString(),
          "/" + "x".repeat(108),
          "vsock:2:1234",
          "@",
          "relative"
        }) {
      var manager = manager(Map.of("NOTIFY_SOCKET", address));
      assertThatCode(() -> manager.ready("serving")).as(address).doesNotThrowAnyException();
    }
  }

  @Test
  void theWatchdogIsTheOneOfThisProcess() {
    assertThat(watchdog("5000000", Long.toString(PID))).hasValue(Duration.ofSeconds(5));
    assertThat(manager(Map.of("NOTIFY_SOCKET", "/s", "WATCHDOG_USEC", "1500")).watchdog())
        .hasValue(Duration.ofNanos(1_500_000));
    assertThat(watchdog("5000000", "1")).isEmpty();
    assertThat(watchdog("0", Long.toString(PID))).isEmpty();
    assertThat(watchdog("soon", Long.toString(PID))).isEmpty();
  }

  private static Optional<Duration> watchdog(String micros, String pid) {
    return manager(Map.of("NOTIFY_SOCKET", "/s", "WATCHDOG_USEC", micros, "WATCHDOG_PID", pid))
        .watchdog();
  }

  private static ServiceManager manager(Map<String, String> environment) {
    return ServiceManager.of(environment, PID);
  }
}
