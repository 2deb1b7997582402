package io.lazerofs.erofs.write;

import io.lazerofs.erofs.disk.FileType;
import io.lazerofs.tar.Compression;
import io.lazerofs.tar.DataRange;
import io.lazerofs.tar.TarEntry;
import io.lazerofs.tar.TarException;
import io.lazerofs.tar.TarReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns the tar stream of an OCI layer into an EROFS image for overlayfs.
 *
 * <p>Whiteouts ({@code .wh.NAME}) become character devices 0:0; an opaque whiteout ({@code
 * .wh..wh..opq}) becomes {@code trusted.overlay.opaque} on its directory. Other names that begin
 * with {@code .wh..wh.} are private to aufs and left out, as by every unpacker. Where entries share
 * a path or lie below a symlink, the rules are those of {@link LayerTree}.
 */
public final class TarImporter {
  private static final Logger log = LoggerFactory.getLogger(TarImporter.class);

  private static final String WHITEOUT = ".wh.";
  private static final String AUFS = ".wh..wh.";
  private static final String OPAQUE = ".wh..wh..opq";

  private final TarReader reader;
  private final ImageWriter writer;
  private final LayerTree tree = new LayerTree();
  private final XattrFilter xattrs = new XattrFilter();
  private long entries;
  private long contentBytes;

  private TarImporter(TarReader reader, ImageWriter writer) {
    this.reader = reader;
    this.writer = writer;
  }

  /** Imports with the {@linkplain WriteOptions#defaults default options}. */
  public static ImportSummary importTar(InputStream tar, Path output) throws IOException {
    return importTar(tar, output, WriteOptions.defaults());
  }

  /**
   * Reads a tar stream to its end and writes the image of its files; the same archive and options
   * always give the same image, however the archive is compressed. The image appears under its name
   * only when it is complete.
   *
   * @param tar an archive, plain or compressed by gzip, zstd or xz; not closed
   * @param output the image, which replaces a file of that name
   * @throws TarException when the archive is damaged, ends early, has unsupported entries or such
   *     as would escape the root; no output is left behind
   * @throws IOException when the stream cannot be read or the image not be written; likewise
   */
  public static ImportSummary importTar(InputStream tar, Path output, WriteOptions options)
      throws IOException {
    try (InputStream archive = Compression.open(tar);
        ImageWriter writer = ImageWriter.create(output, options)) {
      return new TarImporter(new TarReader(archive), writer).run();
    }
  }

  private ImportSummary run() throws IOException {
    for (Optional<TarEntry> next = reader.next(); next.isPresent(); next = reader.next()) {
      TarEntry entry = next.get();
      entries++;
      try {
        add(entry);
      } catch (IllegalArgumentException e) {
        throw new TarException(entry.path(), entry.offset(), String.valueOf(e.getMessage()), e);
      }
    }
    tree.markForOverlay();
    long imageBytes = writer.finish(tree.root());
    return new ImportSummary(entries, contentBytes, imageBytes, xattrs.dropped());
  }

  private void add(TarEntry entry) throws IOException {
    List<String> path = EntryPath.parse(entry.path());
    if (path.stream().anyMatch(name -> name.startsWith(AUFS) && !name.equals(OPAQUE))) {
      log.debug("left out {}: private to aufs", entry.path());
    } else if (!path.isEmpty() && path.getLast().equals(OPAQUE)) {
      tree.hideContent(path.subList(0, path.size() - 1));
    } else if (!path.isEmpty() && path.getLast().startsWith(WHITEOUT)) {
      tree.hide(hidden(path), attributes(entry));
    } else {
      addFile(path, entry);
    }
  }

  private void addFile(List<String> path, TarEntry entry) throws IOException {
    switch (entry.type()) {
      case DIRECTORY -> tree.putDirectory(path, attributes(entry));
      case HARD_LINK -> tree.link(path, EntryPath.parse(entry.linkTarget()));
      case REGULAR -> tree.put(path, file(path, entry));
      case SYMLINK -> tree.put(path, symlink(entry));
      case CHARACTER_DEVICE -> tree.put(path, device(entry, FileType.CHARACTER_DEVICE));
      case BLOCK_DEVICE -> tree.put(path, device(entry, FileType.BLOCK_DEVICE));
      case FIFO -> tree.put(path, SpecialFile.fifo(attributes(entry)));
    }
  }

  private RegularFile file(List<String> path, TarEntry entry) throws IOException {
    var content = writer.store(path, reader.content(), entry.size(), entry.data());
    contentBytes += entry.data().stream().mapToLong(DataRange::length).sum();
    return new RegularFile(attributes(entry), content);
  }

  private Symlink symlink(TarEntry entry) {
    return new Symlink(attributes(entry), entry.linkTarget());
  }

  private SpecialFile device(TarEntry entry, FileType type) {
    return SpecialFile.device(attributes(entry), type, entry.major(), entry.minor());
  }

  private FileAttributes attributes(TarEntry entry) {
    return new FileAttributes(
        entry.permissions(),
        (int) entry.uid(),
        (int) entry.gid(),
        entry.modified(),
        xattrs.keep(entry.xattrs()));
  }

  private static List<String> hidden(List<String> path) {
    String name = path.getLast().substring(WHITEOUT.length());
    if (name.isEmpty() || name.equals(".") || name.equals("..")) {
      throw new IllegalArgumentException("a whiteout that names no file");
    }
    List<String> hidden = new ArrayList<>(path);
    hidden.set(path.size() - 1, name);
    return hidden;
  }
}
