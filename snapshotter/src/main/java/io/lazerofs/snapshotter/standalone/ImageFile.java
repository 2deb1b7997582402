package io.lazerofs.snapshotter.standalone;

import io.lazerofs.erofs.Caches;
import io.lazerofs.erofs.ErofsException;
import io.lazerofs.erofs.ErofsImage;
import io.lazerofs.source.ByteSource;
import io.lazerofs.source.MappedSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The open files of an EROFS image: that of its primary device and those of its extra ones. */
public final class ImageFile implements AutoCloseable {
  private final Path path;
  private final List<ByteSource> sources = new ArrayList<>();

  private ImageFile(Path path) {
    this.path = path;
  }

  /**
   * Opens files; what is in them is not looked at.
   *
   * @param devices the extra devices in the order of the device table
   * @throws IOException when one cannot be opened; none is left open
   */
  public static ImageFile open(Path image, List<Path> devices) throws IOException {
    ImageFile file = new ImageFile(image);
    try {
      file.sources.add(MappedSource.open(image));
      for (Path device : devices) {
        file.sources.add(MappedSource.open(device));
      }
      return file;
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  /** Returns the primary device. */
  public ByteSource primary() {
    return sources.getFirst();
  }

  /** Returns the extra devices. */
  public List<ByteSource> devices() {
    return List.copyOf(sources.subList(1, sources.size()));
  }

  /**
   * Opens the image.
   *
   * @throws IOException when it is none, or none that can be read; names the file
   */
  public ErofsImage erofs() throws IOException {
    try {
      return ErofsImage.open(primary(), devices(), Caches.ofServer());
    } catch (ErofsException e) {
      throw new IOException(path + ": " + e.getMessage(), e);
    }
  }

  @Override
  public void close() throws IOException {
    for (ByteSource source : sources) {
      source.close();
    }
  }
}
