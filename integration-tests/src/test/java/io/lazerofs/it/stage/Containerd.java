package io.lazerofs.it.stage;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Debian's containerd with directories and a socket of its own, and our snapshotter plugged in. */
public final class Containerd implements AutoCloseable {
  /** The namespace that {@link #ctr} works in. */
  public static final String NAMESPACE = "lazerofs-it";

  /** The namespace that the CRI works in. */
  private static final String CRI_NAMESPACE = "k8s.io";

  private static final Pattern VERSION = Pattern.compile("\\bv?(\\d+)\\.(\\d+)\\.\\d+");

  private final Stage stage;
  private final Service service;
  private final Path socket;
  private final Path configuration;

  private Containerd(Stage stage, Service service, Path socket, Path configuration) {
    this.stage = stage;
    this.service = service;
    this.socket = socket;
    this.configuration = configuration;
  }

  /** Starts containerd and waits until it serves; the stage closes it. */
  public static Containerd start(Stage stage, Path snapshotter)
      throws IOException, InterruptedException {
    var dir = Files.createTempDirectory(stage.dir(), "cd");
    return start(
        stage,
        dir,
        configuration(dir, "\"io.containerd.grpc.v1.cri\", ")
            + """
            [proxy_plugins.lazerofs]
              type = "snapshot"
              address = "%s"
            """
                .formatted(snapshotter));
  }

  /**
   * Starts containerd with its CRI and with what {@code lazerofs config containerd} says, and waits
   * until it serves; the stage closes it.
   *
   * @param sandboxImage what pods hold their namespaces by
   */
  public static Containerd startWithCri(Stage stage, Daemon snapshotter, String sandboxImage)
      throws IOException, InterruptedException {
    var dir = Files.createTempDirectory(stage.dir(), "cd");
    var fragment =
        stage
            .lazerofs("config", "containerd", "--config", snapshotter.configuration().toString())
            .ok()
            .out();
    return start(
        stage,
        dir,
        configuration(dir, "")
            + fragment.replaceFirst("version = \\d+\n", "")
            + """
            [plugins."io.containerd.grpc.v1.cri"]
              sandbox_image = "%1$s"
              restrict_oom_score_adj = true    # also where tests may not lower it
            [plugins."io.containerd.grpc.v1.cri".cni]
              conf_dir = "%2$s/cni"
            """
                .formatted(sandboxImage, dir));
  }

  /**
   * Returns what each containerd here is told.
   *
   * @param disabled plug-ins that are off, besides those that nobody uses, each with a comma
   */
  private static String configuration(Path dir, String disabled) {
    return """
    version = 2
    root = "%1$s/root"
    state = "%1$s/state"
    disabled_plugins = [%2$s"io.containerd.internal.v1.opt",
      "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper",
      "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.aufs"]
    [grpc]
      address = "%1$s/s"
    """
        .formatted(dir, disabled);
  }

  private static Containerd start(Stage stage, Path dir, String text)
      throws IOException, InterruptedException {
    var socket = dir.resolve("s");
    var configuration = Files.writeString(dir.resolve("config.toml"), text);
    var service = stage.start("containerd", "containerd", "--config", configuration.toString());
    var containerd = stage.keep(new Containerd(stage, service, socket, configuration));
    await("containerd to serve")
        .atMost(Duration.ofMinutes(1))
        .until(() -> containerd.ctr("version").status() == 0);
    return containerd;
  }

  /** Its socket. */
  public Path socket() {
    return socket;
  }

  /** All that it has logged so far. */
  public String log() {
    return service.log();
  }

  /**
   * What {@code convert --layer-media-type} is to write for this containerd: 2.1 knows EROFS
   * layers.
   */
  public String layerMediaType() throws IOException, InterruptedException {
    var version = VERSION.matcher(stage.run("containerd", "--version").ok().out());
    if (!version.find()) {
      throw new AssertionError("containerd does not say its version");
    }
    int major = Integer.parseInt(version.group(1));
    int minor = Integer.parseInt(version.group(2));
    return major > 2 || (major == 2 && minor >= 1) ? "erofs" : "oci";
  }

  /**
   * What {@code lazerofs config containerd --check} says of its configuration; it is to be right.
   */
  public String check(Daemon snapshotter) throws IOException, InterruptedException {
    return stage
        .lazerofs(
            "config",
            "containerd",
            "--config",
            snapshotter.configuration().toString(),
            "--check",
            configuration.toString())
        .ok()
        .out();
  }

  /** Runs {@code ctr} on this containerd. */
  public Finished ctr(String... words) throws IOException, InterruptedException {
    return stage.run(command(words));
  }

  /** Pulls an image lazily, as a user does. */
  public Finished pullLazily(String reference) throws IOException, InterruptedException {
    return stage.lazerofs(
        "pull", reference, "--containerd", socket.toString(), "--namespace", NAMESPACE);
  }

  /** Pulls an ordinary image from a registry on loopback. */
  public void pull(String snapshotter, String reference) throws IOException, InterruptedException {
    ctr("images", "pull", "--plain-http", "--snapshotter", snapshotter, reference).ok();
  }

  /** Runs a command in a new container that is removed at its end. */
  public Finished run(String snapshotter, String reference, String id, String... command)
      throws IOException, InterruptedException {
    return ctr(runWords(snapshotter, reference, id, command));
  }

  /** Runs a command in a new container and gives the caller its standard input and output. */
  public Process talk(String snapshotter, String reference, String id, String... command)
      throws IOException {
    return stage.talk(command(runWords(snapshotter, reference, id, command)));
  }

  private String[] runWords(String snapshotter, String reference, String id, String... command) {
    var words = new ArrayList<>(List.of("run", "--rm", "--snapshotter", snapshotter));
    words.addAll(List.of("--fifo-dir", stage.dir().resolve("fifo").toString(), reference, id));
    words.addAll(List.of(command));
    return words.toArray(String[]::new);
  }

  /** Removes an image, and waits until what only it needed is collected. */
  public void remove(String reference) throws IOException, InterruptedException {
    ctr("images", "remove", "--sync", reference).ok();
  }

  /** Keys of the snapshots that a snapshotter has. */
  public List<String> snapshots(String snapshotter) throws IOException, InterruptedException {
    return snapshots(NAMESPACE, snapshotter);
  }

  /** Keys of the snapshots that a snapshotter has of the CRI's images and containers. */
  public List<String> criSnapshots(String snapshotter) throws IOException, InterruptedException {
    return snapshots(CRI_NAMESPACE, snapshotter);
  }

  private List<String> snapshots(String namespace, String snapshotter)
      throws IOException, InterruptedException {
    return stage
        .run(commandIn(namespace, "snapshots", "--snapshotter", snapshotter, "list"))
        .ok()
        .out()
        .lines()
        .skip(1)
        .map(line -> line.split("\\s+")[0])
        .toList();
  }

  /**
   * Waits until containerd has found a snapshotter that was started anew; it tries every few
   * seconds.
   */
  public void awaitSnapshotter() {
    await("containerd to find the snapshotter")
        .atMost(Duration.ofSeconds(30))
        .until(() -> ctr("snapshots", "--snapshotter", "lazerofs", "list").status() == 0);
  }

  private String[] command(String... words) {
    return commandIn(NAMESPACE, words);
  }

  private String[] commandIn(String namespace, String... words) {
    var command =
        new ArrayList<>(List.of("ctr", "--address", socket.toString(), "--namespace", namespace));
    command.addAll(List.of(words));
    return command.toArray(String[]::new);
  }

  @Override
  public void close() throws InterruptedException {
    service.close();
  }
}
