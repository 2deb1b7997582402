package io.lazerofs.fetcher.registry;

import io.lazerofs.fetcher.lazy.RangeReader;
import io.lazerofs.source.Digest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where images are kept: a repository of a registry, or an OCI layout in a directory.
 *
 * <p>Calls block; implementations are safe for use by many threads. What is read is verified
 * against its digest before the last of it is handed out. Failures are a {@link RegistryException}
 * when they are the store's, and another {@link IOException} when they are of this machine.
 */
public sealed interface ImageStore permits RegistryRepository, OciLayout {
  /** The largest blob that {@link #readBlob} holds in memory, in bytes. */
  int MAX_BLOB_IN_MEMORY = 8 << 20;

  /** The bytes of a blob, from the start each time they are asked for. */
  @FunctionalInterface
  interface Content {
    /** Returns a stream of all the bytes, which the caller closes. */
    InputStream open() throws IOException;

    static Content of(byte[] bytes) {
      return () -> new ByteArrayInputStream(bytes);
    }

    static Content of(Path file) {
      return () -> Files.newInputStream(file);
    }
  }

  /**
   * Returns the manifest or index that a tag or a digest names.
   *
   * @param reference a tag, or a digest as {@code sha256:…}
   * @throws RegistryException.NotFound when there is none
   */
  Document resolve(String reference) throws IOException;

  /**
   * Opens a blob. Its last read throws when the digest or the size is not the descriptor's, so only
   * what was read up to the end of the stream may be trusted.
   *
   * @throws RegistryException.NotFound when the store does not have it
   */
  InputStream openBlob(Descriptor blob) throws IOException;

  /** What is done with all bytes of a blob. */
  @FunctionalInterface
  interface WholeReading {
    /** Reads from the first byte to the last; what an earlier call made of it is to be dropped. */
    void read(InputStream content) throws IOException;
  }

  /**
   * Reads a whole blob, verified. Where the store has several sources, one that gives wrong bytes
   * is passed over, and the reading begins again with the next.
   *
   * @param reading may fail because of wrong bytes before their end shows that they are wrong
   * @throws RegistryException.DigestMismatch when no source gives the right bytes
   */
  default void readWhole(Descriptor blob, WholeReading reading) throws IOException {
    try (InputStream content = openBlob(blob)) {
      try {
        reading.read(content);
      } catch (RegistryException | InterruptedIOException e) {
        throw e;
      } catch (IOException e) {
        // Wrong bytes are the better reason, and show at the end.
        content.transferTo(OutputStream.nullOutputStream());
        throw e;
      }
    }
  }

  /**
   * Returns a whole small blob, verified.
   *
   * @throws RegistryException.Malformed when it is larger than {@link #MAX_BLOB_IN_MEMORY}
   */
  default byte[] readBlob(Descriptor blob) throws IOException {
    if (blob.size() > MAX_BLOB_IN_MEMORY) {
      throw new RegistryException.Malformed(
          "blob " + blob.digest(), "larger than " + MAX_BLOB_IN_MEMORY + " bytes");
    }
    byte[] bytes = new byte[(int) blob.size()];
    readWhole(blob, content -> readExactly(content, bytes));
    return bytes;
  }

  private static void readExactly(InputStream content, byte[] bytes) throws IOException {
    content.readNBytes(bytes, 0, bytes.length);
    // The end of the stream tells whether there is less or more.
    content.transferTo(OutputStream.nullOutputStream());
  }

  /**
   * Returns a reader of ranges of a blob. It verifies nothing, since parts of a blob have no
   * digest, and holds nothing that needs to be closed.
   */
  RangeReader reader(Descriptor blob);

  /** Returns whether the store has a blob. */
  boolean hasBlob(Descriptor blob) throws IOException;

  /**
   * Puts a blob into the store, unless it is there. The content may be opened more than once.
   *
   * @throws RegistryException.DigestMismatch when the content is not the descriptor's
   * @throws RegistryException.SizeMismatch likewise
   */
  void putBlob(Descriptor blob, Content content) throws IOException;

  /**
   * Takes a blob over from another repository without moving its bytes, where the store can.
   *
   * @return whether the store has the blob now; when not, {@link #putBlob} is the way
   */
  boolean mountBlob(Descriptor blob, ImageStore source) throws IOException;

  /**
   * Puts a manifest or an index into the store; all that it names must be there.
   *
   * @param reference the tag to give it, or its own digest for one that only an index names
   */
  void putManifest(Document document, String reference) throws IOException;

  /** Returns the name of an image in this store as users write it. */
  String nameOf(String reference);

  /** Returns the digest when {@code reference} is one and no tag. */
  static boolean isDigest(String reference) {
    return reference.startsWith("sha256:");
  }

  /** Returns what a descriptor of these bytes is. */
  static Descriptor describe(String mediaType, byte[] bytes) {
    return Descriptor.of(mediaType, Digest.of(bytes), bytes.length);
  }
}
