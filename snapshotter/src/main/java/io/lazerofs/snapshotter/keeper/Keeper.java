package io.lazerofs.snapshotter.keeper;

import io.lazerofs.sys.ChildProcess;
import io.lazerofs.sys.Pipe;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The process that holds a mount's descriptor: {@code keeper.sh hold}, a child of this one with a
 * session of its own. It sees on a pipe when this process ends.
 */
final class Keeper {
  /** The number of the descriptor in the keeper. */
  static final int DESCRIPTOR = 3;

  static final String SHELL = "/bin/sh";
  private static final Path SELF = Path.of("/proc/self");

  private final ProcessIdentity identity;
  private final ChildProcess process;
  private final Pipe pipe;

  private Keeper(ProcessIdentity identity, ChildProcess process, Pipe pipe) {
    this.identity = identity;
    this.process = process;
    this.pipe = pipe;
  }

  /**
   * Starts a keeper. It goes at once when this process dies before the keeper is on record.
   *
   * @param descriptor what it is to hold
   */
  static Keeper start(int descriptor, Path record, Watcher watcher) throws IOException {
    Pipe pipe = Pipe.open();
    try {
      ChildProcess process =
          ChildProcess.start(
              SHELL,
              arguments(record, watcher),
              strings(SELF.resolve("environ")),
              Map.of(0, pipe.readEnd().number(), DESCRIPTOR, descriptor));
      ProcessIdentity identity =
          ProcessIdentity.of(process.pid())
              .orElseThrow(() -> new IOException("the keeper ended as soon as it had begun"));
      return new Keeper(identity, process, pipe);
    } catch (IOException | RuntimeException | Error e) {
      pipe.writeEnd().close();
      throw e;
    } finally {
      pipe.readEnd().close();
    }
  }

  /** Returns the words of {@code sh -c SCRIPT keeper hold RECORD WATCHER COMMAND...}. */
  private static List<byte[]> arguments(Path record, Watcher watcher) throws IOException {
    String watching =
        switch (watcher) {
          case Watcher.Parent(long pid, _) -> Long.toString(pid);
          case Watcher.Manager _ -> "none";
          case Watcher.Nobody _ -> "0";
        };
    return script(List.of("hold", record.toString(), watching), strings(SELF.resolve("cmdline")));
  }

  /** Returns the words that start a daemon with a watcher of its own. */
  static List<byte[]> watching(List<byte[]> daemon) throws IOException {
    return script(List.of("watch"), daemon);
  }

  private static List<byte[]> script(List<String> role, List<byte[]> command) throws IOException {
    List<byte[]> words = new ArrayList<>();
    for (String word : List.of(SHELL, "-c", script(), "lazerofs-keeper")) {
      words.add(word.getBytes(StandardCharsets.UTF_8));
    }
    for (String word : role) {
      words.add(word.getBytes(StandardCharsets.UTF_8));
    }
    words.addAll(command);
    return words;
  }

  private static String script() throws IOException {
    try (InputStream script = Keeper.class.getResourceAsStream("keeper.sh")) {
      if (script == null) {
        throw new IOException("this program comes without its keeper.sh");
      }
      return new String(script.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** Reads strings that each end with a NUL. */
  static List<byte[]> strings(Path file) throws IOException {
    List<byte[]> strings = new ArrayList<>();
    String all = Files.readString(file, StandardCharsets.ISO_8859_1);
    int from = 0;
    for (int end = all.indexOf('\0'); end >= 0; end = all.indexOf('\0', from)) {
      strings.add(all.substring(from, end).getBytes(StandardCharsets.ISO_8859_1));
      from = end + 1;
    }
    return strings;
  }

  ProcessIdentity identity() {
    return identity;
  }

  /** Waits until the keeper has ended; to be called once. */
  void awaitEnd() {
    process.awaitEnd();
  }

  /**
   * Tells the keeper what is to become of what it holds, its last word from this process.
   *
   * @param word {@code end}, or {@code stay} until another keeper is on record
   */
  void tell(String word) throws IOException {
    try {
      pipe.write((word + "\n").getBytes(StandardCharsets.US_ASCII));
    } finally {
      pipe.writeEnd().close();
    }
  }
}
