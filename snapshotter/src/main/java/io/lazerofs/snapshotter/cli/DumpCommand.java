package io.lazerofs.snapshotter.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.lazerofs.erofs.ErofsException;
import io.lazerofs.erofs.ErofsImage;
import io.lazerofs.snapshotter.inspect.ExtentsView;
import io.lazerofs.snapshotter.inspect.FileContent;
import io.lazerofs.snapshotter.inspect.ImagePath;
import io.lazerofs.snapshotter.inspect.ListingView;
import io.lazerofs.snapshotter.inspect.SummaryView;
import io.lazerofs.snapshotter.inspect.View;
import io.lazerofs.snapshotter.standalone.ImageFile;
import io.lazerofs.verity.HashTree;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code lazerofs dump}: what is in an image. */
@Command(
    name = "dump",
    description =
        "Show what an EROFS image consists of: superblock, features, and how many bytes are stored"
            + " how; or what is at one path of it. Paths start at the image's root, symbolic links"
            + " are not followed, and bytes that are no text are written \\xNN.")
final class DumpCommand implements Callable<Integer> {

  /** What is asked about a path. */
  static final class Question {
    @Option(
        names = "--ls",
        paramLabel = "PATH",
        description =
            "List a directory, or one file: nid, mode, links, uid, gid, size, time, name.")
    private @Nullable String ls;

    @Option(names = "--cat", paramLabel = "PATH", description = "Write out a regular file.")
    private @Nullable String cat;

    @Option(
        names = "--extents",
        paramLabel = "PATH",
        description = "Show where the content of a file is stored, a line for each extent.")
    private @Nullable String extents;
  }

  @Mixin private ImageArguments imageArguments;
  @ArgGroup private @Nullable Question question;

  @Option(names = "--json", description = "Print one JSON document.")
  private boolean json;

  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // parameters are set by picocli
  DumpCommand() {}

  @Override
  public Integer call() throws IOException {
    if (json && question != null && question.cat != null) {
      throw new ParameterException(spec.commandLine(), "--json says nothing about --cat");
    }
    try (ImageFile file = imageArguments.open()) {
      ErofsImage image = file.erofs();
      if (question != null && question.cat != null) {
        new FileContent(image, new ImagePath(question.cat)).writeTo(System.out);
      } else {
        print(view(image, file));
      }
      return 0;
    } catch (ErofsException e) {
      throw new IOException(imageArguments.image() + ": " + e.getMessage(), e);
    }
  }

  private View view(ErofsImage image, ImageFile file) throws IOException {
    if (question != null && question.ls != null) {
      return new ListingView(image, new ImagePath(question.ls));
    }
    if (question != null && question.extents != null) {
      return new ExtentsView(
          image, file.primary(), file.devices(), new ImagePath(question.extents));
    }
    return new SummaryView(image, HashTree.after(file.primary(), image.superblock().byteSize()));
  }

  private void print(View view) throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      try (JsonGenerator generator = new JsonFactory().createGenerator(out)) {
        generator.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
        view.writeJson(generator);
      }
      out.println();
    } else {
      view.writeText(out);
    }
    out.flush();
  }
}
