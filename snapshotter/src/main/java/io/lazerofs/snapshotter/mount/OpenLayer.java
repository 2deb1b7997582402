package io.lazerofs.snapshotter.mount;

import io.lazerofs.erofs.Caches;
import io.lazerofs.erofs.ErofsImage;
import io.lazerofs.erofs.Inode;
import io.lazerofs.snapshotter.store.LayerRecord.Owner;
import io.lazerofs.source.ByteSource;
import io.lazerofs.source.Waiting;
import java.io.IOException;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * A blob that is opened as an EROFS image.
 *
 * @param owner who owns the image's root directory
 * @param source the blob, which is closed with the layer
 * @param present tells how many bytes of it are on this machine
 * @param verified tells whether all that is on this machine has been verified, by a hash tree or as
 *     a whole
 */
public record OpenLayer(
    ErofsImage image,
    Owner owner,
    ByteSource source,
    LongSupplier present,
    BooleanSupplier verified)
    implements AutoCloseable {

  /**
   * Opens an image, waiting for the bytes that this needs.
   *
   * @param source closed with the layer, or when this fails
   * @param caches where what is decoded is kept, shared with other layers
   */
  public static OpenLayer open(
      ByteSource source, Caches caches, LongSupplier present, BooleanSupplier verified)
      throws IOException {
    try {
      ErofsImage image = Waiting.on(() -> ErofsImage.open(source, List.of(), caches));
      Inode root = Waiting.on(() -> image.inode(image.rootNid()));
      return new OpenLayer(image, new Owner(root.uid(), root.gid()), source, present, verified);
    } catch (IOException | RuntimeException e) {
      source.close();
      throw e;
    }
  }

  @Override
  public void close() throws IOException {
    source.close();
  }
}
