package io.lazerofs.snapshotter.convert;

import io.lazerofs.erofs.write.TarImporter;
import io.lazerofs.erofs.write.WriteOptions;
import io.lazerofs.fetcher.registry.Descriptor;
import io.lazerofs.fetcher.registry.ImageStore;
import io.lazerofs.fetcher.registry.ImageStore.Content;
import io.lazerofs.snapshotter.progress.Progress;
import io.lazerofs.source.Digest;
import io.lazerofs.tar.Compression;
import io.lazerofs.verity.VerityTree;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * Brings one layer to the destination as an EROFS image.
 *
 * <pre>{@code
 * source ── blob, its digest checked ──▶ decompressed, its diff id checked ──▶ TarImporter ──▶ file ──▶ destination
 *                                                                              VerityTree ──▶
 * }</pre>
 *
 * <p>Safe for use by many threads at once.
 */
final class LayerConverter {
  private final ImageStore source;
  private final ImageStore destination;
  private final LayerMediaType mediaType;
  private final Path temporary;
  private final Progress progress;

  /**
   * @param temporary a directory for one image file for each conversion under way
   */
  LayerConverter(
      ImageStore source,
      ImageStore destination,
      LayerMediaType mediaType,
      Path temporary,
      Progress progress) {
    this.source = source;
    this.destination = destination;
    this.mediaType = mediaType;
    this.temporary = temporary;
    this.progress = progress;
  }

  /**
   * Returns the layer once the destination has it.
   *
   * @param options how its image is written
   * @throws ConversionException when it is not what its descriptor and diff id say, or its tar
   *     stream cannot be imported
   */
  ConvertedLayer convert(Plan.Layer layer, WriteOptions options) throws IOException {
    Descriptor descriptor = layer.descriptor();
    String name = descriptor.digest().hex().substring(0, 12);
    try (Progress.Task task = progress.start("layer " + name, descriptor.size())) {
      return switch (layer.kind()) {
        case LayerKind.Tar() -> importTar(layer, options, task);
        case LayerKind.Erofs() -> {
          copy(descriptor);
          task.done("is EROFS already");
          yield new ConvertedLayer(
              descriptor.digest(), descriptor.size(), layer.diffId(), Optional.empty());
        }
        case LayerKind.Unconvertible(var reason) ->
            throw new ConversionException("layer %s: %s".formatted(descriptor, reason));
      };
    }
  }

  /** Brings a blob to the destination as it is. */
  void copy(Descriptor blob) throws IOException {
    if (!destination.hasBlob(blob) && !destination.mountBlob(blob, source)) {
      destination.putBlob(blob, () -> source.openBlob(blob));
    }
  }

  private ConvertedLayer importTar(Plan.Layer layer, WriteOptions options, Progress.Task task)
      throws IOException {
    Path image = Files.createTempFile(temporary, "layer-", ".erofs");
    try {
      writeImage(layer, options, image, task);
      VerityTree.Appended tree = VerityTree.append(image);
      Digest digest = tree.digest();
      Descriptor descriptor = Descriptor.of(mediaType.mediaType(), digest, Files.size(image));
      boolean there = destination.hasBlob(descriptor);
      if (!there) {
        destination.putBlob(descriptor, Content.of(image));
      }
      task.done(there ? "converted, the destination has it" : "converted");
      return new ConvertedLayer(digest, descriptor.size(), digest, Optional.of(tree.root()));
    } finally {
      Files.deleteIfExists(image);
    }
  }

  private void writeImage(Plan.Layer layer, WriteOptions options, Path image, Progress.Task task)
      throws IOException {
    MessageDigest unpacked = Digest.sha256();
    try {
      source.readWhole(
          layer.descriptor(),
          blob -> {
            unpacked.reset();
            InputStream packed = new Counted(blob, task);
            InputStream tar = new DigestInputStream(Compression.open(packed), unpacked);
            TarImporter.importTar(tar, image, options);
            // What follows the end of the archive counts for both digests.
            tar.transferTo(OutputStream.nullOutputStream());
            packed.transferTo(OutputStream.nullOutputStream());
          });
    } catch (ConversionException e) {
      throw e;
    } catch (IOException e) {
      throw new ConversionException(
          "layer %s: %s".formatted(layer.descriptor(), e.getMessage()), e);
    }
    Digest diffId = Digest.ofRaw(unpacked.digest());
    if (!diffId.equals(layer.diffId())) {
      throw new ConversionException(
          "layer %s: unpacks to %s, but the image's configuration has the diff id %s"
              .formatted(layer.descriptor(), diffId, layer.diffId()));
    }
  }

  /** Tells how many bytes went by. */
  private static final class Counted extends FilterInputStream {
    private final LongConsumer counter;

    Counted(InputStream in, LongConsumer counter) {
      super(in);
      this.counter = counter;
    }

    @Override
    public int read() throws IOException {
      int value = super.read();
      if (value >= 0) {
        counter.accept(1);
      }
      return value;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      int read = super.read(buffer, offset, length);
      if (read > 0) {
        counter.accept(read);
      }
      return read;
    }

    @Override
    public boolean markSupported() {
      return false;
    }
  }
}
