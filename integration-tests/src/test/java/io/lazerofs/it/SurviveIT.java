package io.lazerofs.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lazerofs.it.proxy.Line;
import io.lazerofs.it.proxy.ThrottlingProxy;
import io.lazerofs.it.stage.Containerd;
import io.lazerofs.it.stage.Daemon;
import io.lazerofs.it.stage.Finished;
import io.lazerofs.it.stage.OciImages;
import io.lazerofs.it.stage.Registry;
import io.lazerofs.it.stage.Service;
import io.lazerofs.it.stage.Stage;
import io.lazerofs.it.stage.TarLayer;
import io.lazerofs.it.survive.KillRounds;
import io.lazerofs.it.tree.RawFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Daemons, keepers and watchers are killed; the mount and its readers are not to notice. */
final class SurviveIT {
  private static final Logger log = LoggerFactory.getLogger(SurviveIT.class);
  private static final int ROUNDS = 20;
  private static final int DATA_BYTES = 48 << 20;
  private static final long SEED = 26;

  /** Whole seconds, for a machine that does much else; what is usual is in the log. */
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

  private static final Duration SOON = Duration.ofSeconds(60);
  private static final long READ_ONLY = 1;

  @RegisterExtension static final Stage stage = new Stage();

  private static Registry registry;

  @BeforeAll
  static void start() throws IOException {
    registry = Registry.start(stage);
  }

  @Test
  void readersOutlastADaemonThatIsKilledOverAndOver() throws Exception {
    byte[] data = new byte[DATA_BYTES];
    new Random(SEED).nextBytes(data);
    Path layout =
        OciImages.layout(
            stage.dir().resolve("image"),
            OciImages.busybox(),
            new TarLayer().file("data", data).tar());
    String plain = registry.push(layout, "survive:plain");
    try (ThrottlingProxy proxy =
            ThrottlingProxy.start(registry.address(), new Line(Duration.ofMillis(30), 3 << 20));
        Daemon daemon = Daemon.start(stage);
        Containerd containerd = Containerd.start(stage, daemon.socket())) {
      stage.convert(plain, registry.address() + "/survive:erofs", "oci").ok();
      String image = proxy.address() + "/survive:erofs";
      containerd.pullLazily(image).ok();
      Path tree = Files.createDirectory(stage.dir().resolve("tree"));
      Path fs = daemon.root().resolve("fs");
      String layers = "lowerdir=%1$s/2:%1$s/1".formatted(fs);
      RawFiles.mount("overlay", tree.toString(), "overlay", READ_ONLY, layers);
      try {
        readFirstQuarter(tree);
        long descriptors = descriptors(daemon);
        KillRounds.Report report = KillRounds.run(tree, data, daemon.root(), ROUNDS, SEED);
        log.info("{}", report);
        assertThat(report.longest()).isLessThan(LONGEST_PAUSE);
        assertThat(mounts()).as("one mount, the first").hasSize(1);
        await()
            .atMost(SOON)
            .untilAsserted(
                () -> assertThat(descriptors(daemon)).isLessThanOrEqualTo(descriptors + 8));
        await().atMost(SOON).untilAsserted(() -> assertThat(keepers(daemon)).hasSize(1));
      } finally {
        RawFiles.unmount(tree.toString());
      }
      containerd.awaitSnapshotter();
      assertThat(containerd.run("lazerofs", image, "last", "echo", "here").ok().out())
          .isEqualTo("here\n");
      containerd.remove(image);
      assertThat(containerd.snapshots("lazerofs")).isEmpty();
    }
  }

  @Test
  void aKeeperThatIsKilledIsReplacedAndTheNewOneDoesItsPart() throws Exception {
    try (Daemon daemon = Daemon.start(stage)) {
      List<String> before = mounts();
      long pid = daemon.pid();
      String keeper = keeper(daemon);
      stage.run("kill", "-9", keeper).ok();
      await().atMost(SOON).until(() -> !keeper(daemon).equals(keeper));
      assertThat(daemon.pid()).isEqualTo(pid);
      assertThat(daemon.service().log()).contains("the keeper, process " + keeper + ", has ended");
      kill(pid);
      awaitNext(daemon, pid);
      assertThat(mounts()).isEqualTo(before);
    }
  }

  @Test
  void theKeeperStartsADaemonWhenNobodyElseDoesAndOneStartedByHandTakesItsPlace() throws Exception {
    try (Daemon daemon = Daemon.start(stage)) {
      List<String> before = mounts();
      long first = daemon.pid();
      daemon.service().kill();
      kill(first);
      awaitNext(daemon, first);
      long second = daemon.pid();
      try (Service byHand =
          stage.startLazerofs(
              "snapshotter", "snapshotter", "--config", daemon.configuration().toString())) {
        awaitNext(daemon, second);
        assertThat(mounts()).isEqualTo(before);
        assertThat(ProcessHandle.of(daemon.pid()).flatMap(ProcessHandle::parent))
            .contains(byHand.process());
      }
    }
  }

  @Test
  void aMountThatIsKeptOutlastsAStopAndWaitsForTheNextDaemon() throws Exception {
    try (Daemon daemon = Daemon.start(stage)) {
      List<String> before = mounts();
      stop(daemon, "--keep-mounts");
      assertThat(daemon.service().awaitEnd()).isZero();
      Service reader = stage.start("reader", "ls", daemon.root().resolve("fs").toString());
      assertThat(mounts()).isEqualTo(before);
      try (Service next =
          stage.startLazerofs(
              "snapshotter", "snapshotter", "--config", daemon.configuration().toString())) {
        assertThat(reader.awaitEnd()).as(reader.log()).isZero();
        assertThat(mounts()).isEqualTo(before);
        await().atMost(SOON).until(() -> daemon.status().pid() == daemon.pid());
        stop(daemon);
        assertThat(next.awaitEnd()).isZero();
        assertThat(mounts()).isEmpty();
      }
    }
  }

  @Test
  void anUpgradeTakesThePlaceOfTheOldDaemonAndOneThatFailsDoesNot() throws Exception {
    try (Daemon daemon = Daemon.start(stage)) {
      List<String> before = mounts();
      long first = daemon.pid();
      Path noSocket = configuration(daemon, "never", "/proc/no/socket");
      String line = upgrade(noSocket).failedWith(1);
      assertThat(line).contains("the old one was started again");
      awaitNext(daemon, first);
      long second = daemon.pid();
      Path noFile = configuration(daemon, "wrong", daemon.socket() + "\"\nunknown = \"1");
      upgrade(noFile).failedWith(1);
      assertThat(daemon.status().pid()).isEqualTo(second);
      upgrade(daemon.configuration()).ok();
      awaitNext(daemon, second);
      assertThat(mounts()).isEqualTo(before);
      stop(daemon);
      assertThat(mounts()).isEmpty();
    }
  }

  private static Finished upgrade(Path configuration) throws IOException, InterruptedException {
    return stage.lazerofs("upgrade", "--config", configuration.toString());
  }

  /** Writes a configuration with the daemon's root and another socket. */
  private static Path configuration(Daemon daemon, String name, String socket) throws IOException {
    return Files.writeString(
        daemon.configuration().resolveSibling(name + ".toml"),
        "root = \"%s\"\naddress = \"%s\"\n".formatted(daemon.root(), socket));
  }

  private static void stop(Daemon daemon, String... options)
      throws IOException, InterruptedException {
    String[] words = {"snapshotter", "stop", "--config", daemon.configuration().toString()};
    String[] all = List.of(words).toArray(new String[words.length + options.length]);
    System.arraycopy(options, 0, all, words.length, options.length);
    stage.lazerofs(all).ok();
  }

  private static void readFirstQuarter(Path tree) throws IOException {
    try (var data = Files.newInputStream(tree.resolve("data"))) {
      assertThat(data.readNBytes(DATA_BYTES / 4)).hasSize(DATA_BYTES / 4);
    }
  }

  private static void kill(long pid) {
    assertThat(ProcessHandle.of(pid).map(ProcessHandle::destroyForcibly)).contains(true);
  }

  /** Waits until another daemon answers. */
  private static void awaitNext(Daemon daemon, long last) {
    await()
        .atMost(SOON)
        .until(() -> {
          long pid = KillRounds.daemon(daemon.root());
          return pid != last && pid != 0 && answers(daemon, pid);
        });
  }

  private static boolean answers(Daemon daemon, long pid) throws IOException, InterruptedException {
    var status = stage.lazerofs("status", "--address", daemon.socket().toString(), "--json");
    return status.status() == 0 && status.out().contains("\"pid\":" + pid);
  }

  private static List<String> mounts() throws IOException {
    return MountTable.below(stage.dir()).stream()
        .filter(line -> line.contains(" fuse.lazerofs "))
        .toList();
  }

  private static String keeper(Daemon daemon) throws IOException {
    return Files.readString(daemon.root().resolve("session")).split(" ", -1)[1];
  }

  private static List<ProcessHandle> keepers(Daemon daemon) {
    String words = "\0hold\0" + daemon.root().resolve("session") + "\0";
    return stage.processes().stream().filter(process -> command(process).contains(words)).toList();
  }

  private static String command(ProcessHandle process) {
    try {
      return Files.readString(
          Path.of("/proc", Long.toString(process.pid()), "cmdline"), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return ""; // it has ended
    }
  }

  private static long descriptors(Daemon daemon) throws IOException {
    try (var all = Files.list(Path.of("/proc", Long.toString(daemon.pid()), "fd"))) {
      return all.count();
    }
  }
}
