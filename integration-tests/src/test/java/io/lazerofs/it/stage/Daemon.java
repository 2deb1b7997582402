package io.lazerofs.it.stage;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** {@code bin/lazerofs snapshotter} as a process, with a root directory and a socket of its own. */
public final class Daemon implements AutoCloseable {
  private static final Pattern READY = Pattern.compile("ready");
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Stage stage;
  private final Path configuration;
  private final Path root;
  private final Path socket;
  private Service service;

  /**
   * What the daemon says about itself.
   *
   * @param pid its process
   * @param bytesFetched bytes of blobs that came from registries since it started
   * @param requests requests to registries since it started
   * @param layers layers that are mounted now
   */
  public record Status(long pid, long bytesFetched, long requests, long layers) {}

  /**
   * Starts a snapshotter on a root of the caller's, which is left when the stage closes it.
   *
   * @param root an empty or missing directory
   */
  public static Daemon startOn(Stage stage, Path root) throws IOException {
    var dir = Files.createTempDirectory(stage.dir(), "ls");
    var configuration =
        Files.writeString(
            dir.resolve("config.toml"), "root = \"%s\"%naddress = \"%s/s\"%n".formatted(root, dir));
    return stage.keep(new Daemon(stage, dir, root, configuration));
  }

  private Daemon(Stage stage, Path dir, Path root, Path configuration) throws IOException {
    this.stage = stage;
    this.configuration = configuration;
    this.root = root;
    socket = dir.resolve("s");
    service = launch();
  }

  /** Starts a snapshotter on an empty root and waits until it serves; the stage closes it. */
  public static Daemon start(Stage stage) throws IOException {
    return start(stage, "");
  }

  /**
   * Starts a snapshotter on an empty root and waits until it serves; the stage closes it.
   *
   * @param more what its configuration has besides root and address
   */
  public static Daemon start(Stage stage, String more) throws IOException {
    var dir = Files.createTempDirectory(stage.dir(), "ls");
    var configuration =
        Files.writeString(
            dir.resolve("config.toml"),
            "root = \"%1$s/root\"%naddress = \"%1$s/s\"%n".formatted(dir) + more);
    return stage.keep(new Daemon(stage, dir, dir.resolve("root"), configuration));
  }

  private Service launch() throws IOException {
    var launched =
        stage.startLazerofs("snapshotter", "snapshotter", "--config", configuration.toString());
    launched.awaitLog(READY);
    return launched;
  }

  /** The socket that containerd asks. */
  public Path socket() {
    return socket;
  }

  /** The state directory. */
  public Path root() {
    return root;
  }

  /** The configuration file. */
  public Path configuration() {
    return configuration;
  }

  /** What was started: the process that starts the daemon again when that dies. */
  public Service service() {
    return service;
  }

  /** Kills the daemon and all that would outlive it, as the end of the machine would. */
  public void kill() throws IOException, InterruptedException {
    var kill = new ArrayList<>(List.of("kill", "-9", Long.toString(service.process().pid())));
    kill.add(Files.readString(root.resolve("session")).split(" ")[1]);
    kill.add(Long.toString(pid()));
    stage.run(kill.toArray(String[]::new)).ok();
    service.kill();
  }

  /** Starts the daemon again on the state that it was killed on. */
  public void restart() throws IOException {
    service = launch();
  }

  /** Kills the daemon, and starts it again on the same state. */
  public void crash() throws IOException, InterruptedException {
    kill();
    restart();
  }

  /** The process that serves now; the {@linkplain #service service} only watches over it. */
  public long pid() throws IOException {
    return Long.parseLong(Files.readString(root.resolve("lock")).split(" ")[0]);
  }

  /** Asks the daemon about itself. */
  public Status status() throws IOException, InterruptedException {
    var json = JSON.readTree(statusJson());
    return new Status(
        json.required("pid").longValue(),
        json.required("bytes_fetched").longValue(),
        json.required("requests").longValue(),
        json.required("layers").longValue());
  }

  /** All that the daemon says about itself, as JSON. */
  public String statusJson() throws IOException, InterruptedException {
    return stage.lazerofs("status", "--address", socket.toString(), "--json").ok().out();
  }

  @Override
  public void close() throws InterruptedException {
    service.close();
  }
}
