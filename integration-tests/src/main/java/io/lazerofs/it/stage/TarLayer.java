package io.lazerofs.it.stage;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** A tar archive under construction in memory: one layer of a small test image. Not thread-safe. */
public final class TarLayer {
  private static final long TIME_MILLIS = 1_767_225_600_000L;

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes, "UTF-8");

  /** Begins an empty layer. */
  public TarLayer() {
    tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
  }

  /** Adds a directory. */
  public TarLayer directory(String name) {
    return entry(new TarArchiveEntry(name + "/", true), 0755, new byte[0]);
  }

  /** Adds a file that anybody may read and run. */
  public TarLayer file(String name, byte[] content) {
    return entry(new TarArchiveEntry(name, true), 0755, content);
  }

  /** Adds a text file. */
  public TarLayer file(String name, String content) {
    return file(name, content.getBytes(StandardCharsets.UTF_8));
  }

  /** Adds a symbolic link. */
  public TarLayer symlink(String name, String target) {
    var entry = new TarArchiveEntry(name, TarArchiveEntry.LF_SYMLINK);
    entry.setLinkName(target);
    return entry(entry, 0777, new byte[0]);
  }

  private TarLayer entry(TarArchiveEntry entry, int mode, byte[] content) {
    entry.setMode(mode);
    entry.setModTime(TIME_MILLIS);
    entry.setSize(content.length);
    try {
      tar.putArchiveEntry(entry);
      tar.write(content);
      tar.closeArchiveEntry();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  /** The archive; nothing can be added after it. */
  public byte[] tar() {
    try {
      tar.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /** {@code tar}, compressed by gzip. */
  static byte[] gzip(byte[] tar) throws IOException {
    var compressed = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(compressed)) {
      gzip.write(tar);
    }
    return compressed.toByteArray();
  }
}
