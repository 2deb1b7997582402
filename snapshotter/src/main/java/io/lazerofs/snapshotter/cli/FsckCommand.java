package io.lazerofs.snapshotter.cli;

import io.lazerofs.erofs.check.CheckSummary;
import io.lazerofs.erofs.check.ImageCheck;
import io.lazerofs.erofs.check.TreeSink;
import io.lazerofs.erofs.extract.Extraction;
import io.lazerofs.erofs.extract.Shortfall;
import io.lazerofs.snapshotter.inspect.FaultList;
import io.lazerofs.snapshotter.progress.ConsoleProgress;
import io.lazerofs.snapshotter.progress.Progress;
import io.lazerofs.snapshotter.progress.Sizes;
import io.lazerofs.snapshotter.standalone.ImageFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lazerofs fsck}: whether an image is whole. */
@Command(
    name = "fsck",
    description =
        "Check an EROFS image: every structure, and every byte of content. Prints a line for each"
            + " fault; the exit status is 0 when there is none.")
final class FsckCommand implements Callable<Integer> {
  @Mixin private ImageArguments imageArguments;

  @Option(
      names = "--extract",
      paramLabel = "DIR",
      description =
          "Make the image's files in DIR, which is made if it is missing and must be empty. What"
              + " this user may not set (owners, say) is told; files with faults are left out.")
  private @Nullable Path directory;

  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // parameters are set by picocli
  FsckCommand() {}

  @Override
  public Integer call() throws IOException {
    try (ImageFile file = imageArguments.open()) {
      if (directory == null) {
        return check(file, TreeSink.NONE).clean() ? 0 : 1;
      }
      try (Extraction extraction = Extraction.into(directory)) {
        CheckSummary summary = check(file, extraction);
        boolean complete = tell(extraction, directory);
        return summary.clean() && complete ? 0 : 1;
      }
    }
  }

  private CheckSummary check(ImageFile file, TreeSink sink) throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    FaultList faults = new FaultList(out);
    ConsoleProgress progress = ConsoleProgress.onStandardError(InstantSource.system());
    CheckSummary summary;
    try (Progress.Task task = progress.start(imageArguments.image().toString(), 0)) {
      summary = ImageCheck.check(file.primary(), file.devices(), sink, faults, task);
    }
    faults.end();
    out.printf(
        "%s: %s; %d inodes, %s of content%n",
        imageArguments.image(),
        summary.clean()
            ? "clean"
            : summary.faults() + (summary.faults() == 1 ? " fault" : " faults"),
        summary.inodes(),
        Sizes.text(summary.contentBytes()));
    out.flush();
    return summary;
  }

  /** Tells what an extraction could not do; returns whether every file is there. */
  private boolean tell(Extraction extraction, Path target) {
    boolean complete = true;
    PrintWriter err = spec.commandLine().getErr();
    for (Shortfall shortfall : extraction.shortfalls()) {
      err.printf(
          "lazerofs: %s: %d %s, first: %s%n",
          target, shortfall.count(), shortfall.kind().text(), shortfall.first());
      complete &= shortfall.kind() != Shortfall.Kind.LEFT_OUT;
    }
    err.flush();
    return complete;
  }
}
