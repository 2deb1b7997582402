package io.lazerofs.fetcher.registry;

import java.io.IOException;

/**
 * An image by name: the store that has it or is to have it, and its tag or digest there.
 *
 * @param reference a tag, or a digest as {@code sha256:…}
 */
public record ImageLocation(ImageStore store, String reference) {

  /**
   * Returns the manifest or index of the image.
   *
   * @throws RegistryException.NotFound when there is none
   */
  public Document resolve() throws IOException {
    return store.resolve(reference);
  }

  /** Returns the full name, as containerd and its tools write it. */
  @Override
  public String toString() {
    return store.nameOf(reference);
  }
}
