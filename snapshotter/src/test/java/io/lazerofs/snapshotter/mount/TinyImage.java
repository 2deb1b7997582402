package io.lazerofs.snapshotter.mount;

import io.lazerofs.erofs.Caches;
import io.lazerofs.erofs.ClusterCache;
import io.lazerofs.source.Digest;
import io.lazerofs.source.MappedSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * An EROFS image of two blocks: a root directory of 1234:5678 with the file "hello".
 *
 * <p>Made by erofs-utils 1.5: {@code mkfs.erofs -T0 -Enoinline_data -U 0…1 tiny.erofs DIR}.
 */
public final class TinyImage {
  private TinyImage() {}

  public static Path file() {
    try {
      return Path.of(TinyImage.class.getResource("tiny.erofs").toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  public static byte[] bytes() {
    try {
      return Files.readAllBytes(file());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static Digest digest() {
    return Digest.of(bytes());
  }

  /** Returns the image, opened, as a source of layers gives it. */
  public static LayerSource.Answer answer() throws IOException {
    MappedSource source = MappedSource.open(file());
    return new LayerSource.Answer.Image(
        OpenLayer.open(source, Caches.of(ClusterCache.ofBytes(1 << 20)), source::size, () -> true));
  }
}
