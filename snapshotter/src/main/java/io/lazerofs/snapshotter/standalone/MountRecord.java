package io.lazerofs.snapshotter.standalone;

import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Properties;

/**
 * What is mounted where, by which process; kept as a properties file.
 *
 * @param layered whether the mount point shows layers merged, which are served elsewhere; else it
 *     is served itself
 * @param pid the process that serves
 */
record MountRecord(Path mountPoint, String source, boolean layered, long pid) {

  void write(Path file) throws IOException {
    Properties properties = new Properties();
    properties.setProperty("mount-point", mountPoint.toString());
    properties.setProperty("source", source);
    properties.setProperty("layered", Boolean.toString(layered));
    properties.setProperty("pid", Long.toString(pid));
    StringWriter text = new StringWriter();
    properties.store(text, null);
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    Files.writeString(fresh, text.toString());
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
  }

  /**
   * Reads a record.
   *
   * @throws IOException when there is none or it is damaged
   */
  static MountRecord read(Path file) throws IOException {
    Properties properties = new Properties();
    try {
      properties.load(new StringReader(Files.readString(file)));
      return new MountRecord(
          Path.of(properties.getProperty("mount-point", "")),
          properties.getProperty("source", ""),
          Boolean.parseBoolean(properties.getProperty("layered")),
          Long.parseLong(properties.getProperty("pid", "")));
    } catch (IllegalArgumentException e) {
      throw new IOException(file + ": damaged; unmount by umount(8) and delete its directory", e);
    }
  }
}
