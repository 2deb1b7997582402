package io.lazerofs.snapshotter.cli;

import io.lazerofs.snapshotter.daemon.ConfigurationException;
import io.lazerofs.snapshotter.progress.Sizes;
import io.lazerofs.snapshotter.proto.CacheVerifyResponse;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code lazerofs cache verify}: holds what is on disk against hash trees and digests. */
@Command(
    name = "verify",
    description =
        "Read again what the cache has, hold it against the layers' hash trees and digests, and"
            + " drop what is wrong, which is fetched again when it is read. Exits with 1 when"
            + " anything was.")
final class CacheVerifyCommand implements Callable<Integer> {
  private static final int FOUND_WRONG = 1;

  @ArgGroup private @Nullable ServerOptions server;
  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // spec is set by picocli
  CacheVerifyCommand() {}

  /** What was found so far. */
  private static final class Totals {
    private int blobs;
    private int faulty;
    private long rightBytes;
    private long unverifiableBytes;
  }

  @Override
  public Integer call() throws IOException, ConfigurationException {
    PrintWriter out = spec.commandLine().getOut();
    Totals totals = new Totals();
    try (CacheConnection cache = CacheConnection.open(server)) {
      cache.verify(found -> {
        totals.blobs++;
        totals.rightBytes += found.getRightBytes();
        totals.unverifiableBytes += found.getUnverifiableBytes();
        if (isFaulty(found)) {
          totals.faulty++;
          tell(found, out);
        }
      });
    }
    out.println(
        "%d blobs: %s right, %s without anything to hold them against, %d blobs with faults"
            .formatted(
                totals.blobs,
                Sizes.text(totals.rightBytes),
                Sizes.text(totals.unverifiableBytes),
                totals.faulty));
    return totals.faulty == 0 ? 0 : FOUND_WRONG;
  }

  private static boolean isFaulty(CacheVerifyResponse found) {
    return found.getWrongCount() > 0 || !found.getFailure().isEmpty();
  }

  private static void tell(CacheVerifyResponse found, PrintWriter out) {
    found
        .getWrongList()
        .forEach(range ->
            out.println(
                "%s: wrong bytes at %d to %d, dropped"
                    .formatted(found.getDigest(), range.getStart(), range.getEnd())));
    if (!found.getFailure().isEmpty()) {
      out.println(found.getDigest() + ": " + found.getFailure());
    }
    out.flush();
  }
}
