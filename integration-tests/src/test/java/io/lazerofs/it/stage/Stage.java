package io.lazerofs.it.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A test class's own directory and all that is started in it, as a JUnit extension to be registered
 * in a static field.
 *
 * <p>After each test nothing may be there that was not there before it: mount, process, socket or
 * loop device. After the last, all that was {@linkplain #keep kept} is closed, the last one first,
 * and nothing at all may be left.
 */
public final class Stage
    implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback, AfterAllCallback {
  private static final Path HOME =
      Path.of(System.getProperty("lazerofs.home", "..")).toAbsolutePath().normalize();
  private static final Duration COMMAND_WITHIN = Duration.ofMinutes(3);
  private static final Duration SETTLE_WITHIN = Duration.ofSeconds(15);
  private static final String MARK = "LAZEROFS_STAGE";

  private final Path dir;
  private final Leftovers leftovers;
  private final Map<String, String> environment = new ConcurrentHashMap<>();
  private final Deque<AutoCloseable> kept = new ArrayDeque<>();
  private Set<String> before = Set.of();
  private int services;

  /** Makes the directory; it is removed after the class's last test. */
  public Stage() {
    try {
      dir = Files.createTempDirectory("lazerofs-it").toRealPath();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    leftovers = new Leftovers(dir, MARK + "=" + dir);
    environment.put(MARK, dir.toString());
    // Nobody's credentials but those that a test writes.
    environment.put("DOCKER_CONFIG", dir.resolve("docker").toString());
  }

  /** The directory. */
  public Path dir() {
    return dir;
  }

  /** Closes {@code resource} after the class's last test. */
  public <T extends AutoCloseable> T keep(T resource) {
    kept.push(resource);
    return resource;
  }

  /** Runs {@code bin/lazerofs} to its end. */
  public Finished lazerofs(String... words) throws IOException, InterruptedException {
    return run(command(words));
  }

  /** Starts {@code bin/lazerofs} in the background. */
  public Service startLazerofs(String name, String... words) throws IOException {
    return start(name, command(words));
  }

  /**
   * Converts an image, with a state directory on this stage.
   *
   * @param layerMediaType {@code erofs} or {@code oci}, see {@link Containerd#layerMediaType}
   * @param options how the layers are to be written
   */
  public Finished convert(
      String source, String destination, String layerMediaType, String... options)
      throws IOException, InterruptedException {
    var words = new ArrayList<>(List.of("convert", "--root", dir.resolve("convert").toString()));
    words.addAll(List.of("--layer-media-type", layerMediaType));
    words.addAll(List.of(options));
    words.addAll(List.of(source, destination));
    return lazerofs(words.toArray(String[]::new));
  }

  /** Sets a variable in the environment of the processes that start from now on. */
  public void setEnvironment(String name, String value) {
    environment.put(name, value);
  }

  /** The processes that were started here and run now, with their descendants. */
  public List<ProcessHandle> processes() {
    return leftovers.processes();
  }

  /** Lets processes that start from now on use this login for a registry. */
  public void dockerLogin(String registry, Registry.Login login) throws IOException {
    var both = login.user() + ":" + login.password();
    var auth = Base64.getEncoder().encodeToString(both.getBytes(StandardCharsets.UTF_8));
    Files.createDirectories(dir.resolve("docker"));
    Files.writeString(
        dir.resolve("docker/config.json"),
        "{\"auths\": {\"%s\": {\"auth\": \"%s\"}}}".formatted(registry, auth));
  }

  /** Sources a script of the project's and calls what it defines. */
  public Finished script(String call, String... scripts) throws IOException, InterruptedException {
    var text = new StringBuilder("set -euo pipefail\n");
    for (var script : scripts) {
      text.append(". '").append(HOME.resolve("scripts").resolve(script)).append("'\n");
    }
    return run("bash", "-c", text + call);
  }

  /** Runs a command to its end; fails when it takes more than three minutes. */
  public Finished run(String... words) throws IOException, InterruptedException {
    var out = Files.createTempFile(dir, "out", "");
    var err = Files.createTempFile(dir, "err", "");
    var process = builder(words).redirectOutput(out.toFile()).redirectError(err.toFile()).start();
    process.getOutputStream().close();
    boolean ended = process.waitFor(COMMAND_WITHIN.toSeconds(), TimeUnit.SECONDS);
    if (!ended) {
      process.destroyForcibly().waitFor();
    }
    var finished =
        new Finished(
            List.of(words), process.exitValue(), Files.readString(out), Files.readString(err));
    Files.delete(out);
    Files.delete(err);
    assertThat(ended).as("%s ends: %s", finished.words(), finished.err()).isTrue();
    return finished;
  }

  /** Starts a command in the background. */
  public Service start(String name, String... words) throws IOException {
    var log = dir.resolve(name + "-" + services++ + ".log");
    var process = builder(words).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    process.getOutputStream().close();
    return new Service(name, process, log);
  }

  /**
   * Starts a command whose standard input and output are the caller's; errors go to the caller's.
   */
  public Process talk(String... words) throws IOException {
    return builder(words).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  private ProcessBuilder builder(String... words) {
    var builder = new ProcessBuilder(words);
    builder.directory(dir.toFile());
    builder.environment().putAll(environment);
    return builder;
  }

  private static String[] command(String... words) {
    var command = new ArrayList<String>();
    command.add(HOME.resolve("bin/lazerofs").toString());
    command.addAll(List.of(words));
    return command.toArray(String[]::new);
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    assertThat(Path.of("/dev/fuse")).as("integration tests need root and /dev/fuse").isWritable();
  }

  @Override
  public void beforeEach(ExtensionContext context) throws IOException {
    before = leftovers.now();
  }

  @Override
  public void afterEach(ExtensionContext context) {
    nothingMoreThan(before);
  }

  @Override
  public void afterAll(ExtensionContext context) throws Exception {
    var failures = new ArrayList<Throwable>();
    while (!kept.isEmpty()) {
      attempt(kept.pop()::close, failures);
    }
    attempt(() -> nothingMoreThan(Set.of()), failures);
    sweep();
    if (!failures.isEmpty()) {
      var failure = new AssertionError("the stage did not close cleanly");
      failures.forEach(failure::addSuppressed);
      throw failure;
    }
  }

  private void nothingMoreThan(Set<String> allowed) {
    await("nothing left behind")
        .atMost(SETTLE_WITHIN)
        .pollInterval(Duration.ofMillis(100))
        .untilAsserted(() -> assertThat(allowed).containsAll(leftovers.now()));
  }

  /** Removes by force what a failed test left, so that the next one starts clean. */
  private void sweep() throws IOException, InterruptedException {
    leftovers.processes().forEach(ProcessHandle::destroyForcibly);
    for (var point : leftovers.mounts()) {
      run("umount", "-l", point);
    }
    new ProcessBuilder("rm", "-rf", "--one-file-system", dir.toString()).start().waitFor();
  }

  private static void attempt(Action action, List<Throwable> failures) {
    try {
      action.run();
    } catch (Throwable failure) {
      failures.add(failure);
    }
  }

  @FunctionalInterface
  private interface Action {
    void run() throws Exception;
  }
}
