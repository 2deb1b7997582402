package io.lazerofs.snapshotter.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.concurrent.ExecutionException;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** What a user reads when a command fails: one line, on standard error. */
final class Failures {
  private static final int FAILURE = 1;
  private static final int USAGE = 2;

  private Failures() {}

  /** Reports arguments that make no sense. */
  static int usage(ParameterException e, String[] arguments) {
    CommandLine command = e.getCommandLine();
    print(
        command.getErr(),
        oneLine(String.valueOf(e.getMessage()))
            + " (see: "
            + command.getCommandSpec().qualifiedName()
            + " --help)");
    return USAGE;
  }

  /** Reports a command that could not do what it was told. */
  static int failure(Exception e, CommandLine command, boolean verbose) {
    if (verbose) {
      e.printStackTrace(command.getErr());
    }
    print(command.getErr(), describe(e));
    return FAILURE;
  }

  private static void print(PrintWriter err, String line) {
    err.println("lazerofs: " + line);
    err.flush();
  }

  /** Returns what happened, in one line. */
  static String describe(Throwable thrown) {
    Throwable e =
        thrown instanceof ExecutionException && thrown.getCause() != null
            ? thrown.getCause()
            : thrown;
    return oneLine(
        switch (e) {
          case NoSuchFileException missing -> missing.getFile() + ": no such file or directory";
          case FileAlreadyExistsException there -> there.getFile() + ": exists already";
          case AccessDeniedException denied ->
              denied.getFile() + ": permission denied; are you root?";
          case NotDirectoryException file -> file.getFile() + ": not a directory";
          case DirectoryNotEmptyException full -> full.getFile() + ": directory not empty";
          case FileSystemException other when other.getReason() != null ->
              other.getFile() + ": " + other.getReason();
          case UnknownHostException host -> host.getMessage() + ": no such host";
          case ConnectException refused -> String.valueOf(refused.getMessage());
          case IOException io when io.getMessage() != null -> io.getMessage();
          default -> e.getMessage() == null ? e.toString() : kind(e) + e.getMessage();
        });
  }

  /** An unexpected exception is named, so that a report of it says something. */
  private static String kind(Throwable e) {
    return e instanceof RuntimeException || e instanceof Error
        ? e.getClass().getSimpleName() + ": "
        : "";
  }

  private static String oneLine(String text) {
    return text.strip().replaceAll("\\s*\\R\\s*", " ");
  }
}
