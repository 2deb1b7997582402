package io.lazerofs.snapshotter.cli;

import io.lazerofs.snapshotter.daemon.ConfigurationException;
import io.lazerofs.snapshotter.progress.Sizes;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lazerofs cache prune}: gives disk back. */
@Command(name = "prune", description = "Remove the blobs that no layer uses.")
final class CachePruneCommand implements Callable<Integer> {
  @ArgGroup private @Nullable ServerOptions server;

  @Option(
      names = "--all",
      description = "Also evict from blobs that layers use; what is read later is fetched again.")
  private boolean all;

  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // spec is set by picocli
  CachePruneCommand() {}

  @Override
  public Integer call() throws IOException, ConfigurationException {
    try (CacheConnection cache = CacheConnection.open(server)) {
      long freed = cache.prune(all);
      spec.commandLine()
          .getOut()
          .println("freed %s (%d bytes)".formatted(Sizes.text(freed), freed));
      return 0;
    }
  }
}
