package io.lazerofs.snapshotter.keeper;

import io.lazerofs.fuse.SessionState;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What is on record of a running mount, for the daemon that takes it over: who holds its
 * descriptor, and what the kernel and the first daemon settled. The layers are in the snapshot
 * store.
 *
 * <pre>{@code
 * keeper 4711 883412 3
 * session 1 0:45 40 131072 554117242881 256
 *         │ │    │  │      │            ╰ most pages of a request
 *         │ │    │  │      ╰ features    (FUSE_INIT; all of SessionState)
 *         │ │    │  ╰ read-ahead, bytes
 *         │ │    ╰ minor version of the protocol
 *         │ ╰ the mount's device number
 *         ╰ version of this format
 * }</pre>
 *
 * @param keeper the process that holds the descriptor
 * @param descriptor its number there
 * @param device the mount's device number, {@code major:minor}
 * @param state what INIT settled
 */
record SessionRecord(ProcessIdentity keeper, int descriptor, String device, SessionState state) {
  /** The version that this program writes, and the only one that it reads. */
  static final int VERSION = 1;

  private static final Set<StandardOpenOption> NEW =
      Set.of(
          StandardOpenOption.CREATE,
          StandardOpenOption.WRITE,
          StandardOpenOption.TRUNCATE_EXISTING);

  /**
   * Reads a record.
   *
   * @return empty when there is none
   * @throws IOException when it is of another version, or damaged
   */
  static Optional<SessionRecord> read(Path file) throws IOException {
    List<String> lines;
    try {
      lines = Files.readAllLines(file, StandardCharsets.US_ASCII);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
    try {
      String[] keeper = lines.get(0).split(" ", -1);
      String[] session = lines.get(1).split(" ", -1);
      if (!keeper[0].equals("keeper") || !session[0].equals("session")) {
        throw new IOException(file + " is damaged");
      }
      if (Integer.parseInt(session[1]) != VERSION) {
        throw new IOException(
            "%s has version %s, and this program knows %d".formatted(file, session[1], VERSION));
      }
      return Optional.of(
          new SessionRecord(
              new ProcessIdentity(Long.parseLong(keeper[1]), Long.parseLong(keeper[2])),
              Integer.parseInt(keeper[3]),
              session[2],
              new SessionState(
                  Integer.parseInt(session[3]),
                  Integer.parseInt(session[4]),
                  Long.parseLong(session[5]),
                  Integer.parseInt(session[6]))));
    } catch (NumberFormatException | IndexOutOfBoundsException e) {
      throw new IOException(file + " is damaged", e);
    }
  }

  /** Replaces what is on record, whole or not at all, and readable by its owner only. */
  void write(Path file) throws IOException {
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    try (FileChannel channel =
        FileChannel.open(
            fresh,
            NEW,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      channel.write(StandardCharsets.US_ASCII.encode(text()));
      channel.force(true);
    }
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
  }

  private String text() {
    return "keeper %d %d %d%nsession %d %s %d %d %d %d%n"
        .formatted(
            keeper.pid(),
            keeper.start(),
            descriptor,
            VERSION,
            device,
            state.minor(),
            state.maxReadAhead(),
            state.features(),
            state.maxPages());
  }
}
