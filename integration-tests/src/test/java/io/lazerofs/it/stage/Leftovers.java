package io.lazerofs.it.stage;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * What the machine holds on behalf of one directory: mounts below it, sockets and loop devices in
 * it, and processes that were started with its mark in their environment, or their descendants.
 */
final class Leftovers {
  private final Path dir;
  private final String mark;

  /**
   * @param dir the directory
   * @param mark an environment entry, {@code NAME=value}, that no other process has
   */
  Leftovers(Path dir, String mark) {
    this.dir = dir;
    this.mark = mark;
  }

  /** One line for each. */
  Set<String> now() throws IOException {
    var all = new TreeSet<String>();
    mounts().forEach(point -> all.add("mount " + point));
    sockets().forEach(path -> all.add("socket " + path));
    processes().forEach(process -> all.add("process " + describe(process)));
    loopDevices().forEach(device -> all.add("loop device " + device));
    return all;
  }

  /** Mount points below the directory, the last mounted first. */
  List<String> mounts() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
        .map(line -> line.split(" ")[4])
        .filter(point -> Path.of(point).startsWith(dir))
        .toList()
        .reversed();
  }

  /** Processes with the mark, the youngest first. */
  List<ProcessHandle> processes() {
    return ProcessHandle.allProcesses()
        .filter(this::isMarked)
        .sorted(Comparator.comparingLong(ProcessHandle::pid).reversed())
        .toList();
  }

  private boolean isMarked(ProcessHandle process) {
    try {
      var environment = Path.of("/proc", Long.toString(process.pid()), "environ");
      return List.of(Files.readString(environment, StandardCharsets.ISO_8859_1).split("\0"))
          .contains(mark);
    } catch (IOException e) {
      return false; // it has ended
    }
  }

  private static String describe(ProcessHandle process) {
    // A JVM's command line ends with what matters, after its class path.
    var command = process.info().commandLine().orElse("");
    return process.pid() + " " + command.substring(Math.max(0, command.length() - 160));
  }

  private List<String> sockets() throws IOException {
    return Files.readAllLines(Path.of("/proc/net/unix")).stream()
        .map(line -> line.split(" +", 8))
        .filter(fields -> fields.length == 8 && fields[7].startsWith(dir + "/"))
        .map(fields -> fields[7])
        .distinct()
        .toList();
  }

  private List<String> loopDevices() throws IOException {
    try (Stream<Path> devices = Files.list(Path.of("/sys/block"))) {
      return devices
          .map(device -> device.resolve("loop/backing_file"))
          .flatMap(file -> backing(file).stream())
          .filter(file -> file.startsWith(dir + "/"))
          .toList();
    }
  }

  private static Optional<String> backing(Path file) {
    try {
      return Files.exists(file) ? Optional.of(Files.readString(file).strip()) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty(); // detached meanwhile
    }
  }
}
