package io.lazerofs.snapshotter.cli;

import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option {@code --root}: the directory that holds state and caches. */
final class RootOption {
  @Option(
      names = "--root",
      paramLabel = "DIR",
      description =
          "Where state and caches are kept (default: /var/lib/lazerofs as root, else lazerofs in"
              + " $XDG_STATE_HOME or ~/.local/state).")
  private @Nullable Path directory;

  /** Returns the directory, absolute; it need not exist. */
  Path directory() {
    Path chosen =
        directory != null ? directory : byDefault(System.getProperty("user.name"), System.getenv());
    return chosen.toAbsolutePath().normalize();
  }

  static Path byDefault(String user, Map<String, String> environment) {
    if (user.equals("root")) {
      return Path.of("/var/lib/lazerofs");
    }
    String state = environment.getOrDefault("XDG_STATE_HOME", "");
    return state.isEmpty()
        ? Path.of(environment.getOrDefault("HOME", "."), ".local/state/lazerofs")
        : Path.of(state, "lazerofs");
  }
}
