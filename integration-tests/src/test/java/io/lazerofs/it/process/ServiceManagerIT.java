package io.lazerofs.it.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lazerofs.it.stage.Daemon;
import io.lazerofs.it.stage.Stage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A daemon under a service manager, and the unit that the project has for systemd. */
final class ServiceManagerIT {
  @RegisterExtension static final Stage stage = new Stage();

  /** What gives a service a mount namespace, in which its mounts would stay. */
  private static final Set<String> NAMESPACES =
      Set.of(
          "BindPaths",
          "BindReadOnlyPaths",
          "DynamicUser",
          "ExecPaths",
          "InaccessiblePaths",
          "MountFlags",
          "NoExecPaths",
          "PrivateDevices",
          "PrivateIPC",
          "PrivateMounts",
          "PrivateTmp",
          "ProcSubset",
          "ProtectControlGroups",
          "ProtectHome",
          "ProtectHostname",
          "ProtectKernelLogs",
          "ProtectKernelModules",
          "ProtectKernelTunables",
          "ProtectProc",
          "ProtectSystem",
          "ReadOnlyPaths",
          "ReadWritePaths",
          "RootDirectory",
          "RootImage",
          "TemporaryFileSystem");

  @Test
  void aDaemonSaysThatItServesThatItIsWellAndThatItEnds() throws IOException, InterruptedException {
    var heard = new ArrayList<List<String>>();
    try (var socket = NotifySocket.bind(stage.dir().resolve("notify").toString())) {
      stage.setEnvironment("NOTIFY_SOCKET", socket.address());
      stage.setEnvironment("WATCHDOG_USEC", "1000000");
      try (var daemon = Daemon.start(stage)) {
        awaitLine(socket, heard, "READY=1");
        assertThat(heard.getLast()).contains("STATUS=serving " + daemon.socket());
        awaitLine(socket, heard, "WATCHDOG=1");
        awaitLine(socket, heard, "WATCHDOG=1");
        Files.delete(daemon.socket());
        awaitLine(socket, heard, "STATUS=not well: the socket does not answer");
      }
      awaitLine(socket, heard, "STOPPING=1");
    } finally {
      Files.deleteIfExists(stage.dir().resolve("notify"));
    }
  }

  @Test
  void systemdFindsNoFaultInTheUnit() throws IOException, InterruptedException {
    var unit = Files.readString(unit());
    var program = Path.of(System.getProperty("lazerofs.home", "..")).toRealPath();
    var copy =
        Files.writeString(
            stage.dir().resolve("lazerofs.service"),
            unit.replace("/usr/local/bin/lazerofs", program.resolve("bin/lazerofs").toString()));
    assertThat(unit).contains("ExecStart=/usr/local/bin/lazerofs snapshotter --config ");
    var verified = stage.run("systemd-analyze", "verify", "--man=no", copy.toString());
    assertThat(verified.err()).isEmpty();
    verified.ok();
  }

  @Test
  void theUnitSharesTheMountNamespaceOfTheMachine() throws IOException {
    var settings = new HashSet<String>();
    for (var line : Files.readAllLines(unit())) {
      if (!line.startsWith("#") && line.contains("=")) {
        settings.add(line.substring(0, line.indexOf('=')));
      }
    }
    assertThat(settings).contains("ExecStart").doesNotContainAnyElementsOf(NAMESPACES);
  }

  private static Path unit() {
    return Path.of(System.getProperty("lazerofs.home", ".."), "packaging/lazerofs.service");
  }

  /** Waits for a message with a line that begins so. */
  private static void awaitLine(NotifySocket socket, List<List<String>> heard, String begin) {
    await(begin)
        .until(() -> {
          var message = socket.poll();
          if (!message.isEmpty()) {
            heard.add(message);
          }
          return message.stream().anyMatch(line -> line.startsWith(begin));
        });
  }
}
