package io.lazerofs.snapshotter.cli;

import io.lazerofs.snapshotter.containerd.ConfigurationCheck;
import io.lazerofs.snapshotter.containerd.ContainerdVersion;
import io.lazerofs.snapshotter.containerd.Finding;
import io.lazerofs.snapshotter.containerd.Fragment;
import io.lazerofs.snapshotter.containerd.SnapshotterPlugin;
import io.lazerofs.snapshotter.daemon.Configuration;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lazerofs config containerd}: what containerd has to be told for lazy pulls. */
@Command(
    name = "containerd",
    description =
        "Print what containerd's config.toml has to have for lazy pulls, or say line by line what"
            + " one lacks.")
final class ConfigContainerdCommand implements Callable<Integer> {
  /** As {@code containerd github.com/containerd/containerd 1.6.20~ds1 1.6.20~ds1-1+deb12u3}. */
  private static final Pattern INSTALLED = Pattern.compile("\\s(v?\\d+\\.\\d+\\S*)");

  private static final int SECONDS = 10;

  @Option(
      names = "--version",
      paramLabel = "VERSION",
      converter = ContainerdVersionConverter.class,
      description = "containerd's, as 1.6, 1.7, 2.0, 2.1 (default: that of the one installed).")
  private @Nullable ContainerdVersion version;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "The snapshotter's configuration, which says its socket and its root.")
  private @Nullable Path config;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      defaultValue = "lazerofs",
      description = "What containerd is to call the snapshotter (default: lazerofs).")
  private String name;

  @Option(
      names = "--check",
      paramLabel = "FILE",
      description = "Look into this configuration of containerd instead; status 1 if it lacks any.")
  private @Nullable Path check;

  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // options are set by picocli
  ConfigContainerdCommand() {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    ContainerdVersion wanted = version == null ? installed() : version;
    Path root = Configuration.DEFAULT_ROOT;
    Path address = Configuration.DEFAULT_ADDRESS;
    if (config != null) {
      Configuration configuration = Configuration.read(config);
      root = configuration.root();
      address = configuration.address();
    }
    SnapshotterPlugin plugin = new SnapshotterPlugin(name, address, root);
    PrintWriter out = spec.commandLine().getOut();
    if (check == null) {
      out.print(Fragment.of(wanted, plugin));
      out.flush();
      return 0;
    }
    return report(out, check, wanted, plugin);
  }

  private static int report(
      PrintWriter out, Path file, ContainerdVersion version, SnapshotterPlugin plugin)
      throws IOException {
    List<Finding> findings = ConfigurationCheck.of(file, version, plugin);
    for (Finding finding : findings) {
      String place = finding.line() == 0 ? "" : ":" + finding.line();
      out.println(file + place + ": " + finding.problem());
    }
    boolean ready = findings.stream().noneMatch(Finding::grave);
    if (ready) {
      out.println(file + ": has all that containerd " + version + " needs for lazy pulls");
    }
    return ready ? 0 : 1;
  }

  private ContainerdVersion installed() throws IOException, InterruptedException {
    Process process;
    try {
      process = new ProcessBuilder("containerd", "--version").redirectErrorStream(true).start();
    } catch (IOException e) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "no containerd is installed here; say --version");
    }
    try {
      String line = new String(process.getInputStream().readNBytes(4096), StandardCharsets.UTF_8);
      Matcher matcher = INSTALLED.matcher(line);
      if (!process.waitFor(SECONDS, TimeUnit.SECONDS) || !matcher.find()) {
        throw new IOException("containerd does not say its version; say --version");
      }
      return ContainerdVersion.parse(matcher.group(1));
    } catch (IllegalArgumentException e) {
      throw new IOException(e.getMessage(), e);
    } finally {
      process.destroyForcibly();
    }
  }
}
