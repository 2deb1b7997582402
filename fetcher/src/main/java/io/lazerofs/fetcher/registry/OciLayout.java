package io.lazerofs.fetcher.registry;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazerofs.fetcher.lazy.RangeReader;
import io.lazerofs.source.Digest;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * An OCI layout: images in a directory (image-spec, image-layout.md).
 *
 * <pre>
 * DIR/oci-layout            {"imageLayoutVersion":"1.0.0"}
 * DIR/index.json            an index; each manifest's org.opencontainers.image.ref.name is its tag
 * DIR/blobs/sha256/HEX      blobs, manifests among them
 * </pre>
 *
 * <p>Files appear whole or not at all. Many threads may write at once, but only one process.
 */
public final class OciLayout implements ImageStore {
  private static final String REF_NAME = "org.opencontainers.image.ref.name";
  private static final String VERSION = "{\"imageLayoutVersion\":\"1.0.0\"}";
  // Temporary files are their owner's alone by default, and a layout is for everyone.
  private static final FileAttribute<?> READABLE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r--r--"));
  private static final int PIECE_BYTES = 64 << 10;

  private final Path directory;

  /**
   * @param directory made by the first write when it does not exist
   */
  public OciLayout(Path directory) {
    this.directory = directory;
  }

  @Override
  public Document resolve(String reference) throws IOException {
    Descriptor descriptor = null;
    List<String> tags = new ArrayList<>();
    for (Descriptor entry : entries()) {
      String tag = entry.annotations().getOrDefault(REF_NAME, "");
      tags.add(tag);
      if (tag.equals(reference) || entry.digest().toString().equals(reference)) {
        descriptor = entry;
      }
    }
    if (descriptor == null && !ImageStore.isDigest(reference)) {
      throw new RegistryException.NotFound(
          "manifest " + nameOf(reference),
          tags.isEmpty() ? "there is no image in it" : "it has " + String.join(", ", tags));
    }
    return descriptor == null
        ? document(Json.digest(reference), "")
        : document(descriptor.digest(), descriptor.mediaType());
  }

  private Document document(Digest digest, String mediaType) throws IOException {
    String what = "manifest " + nameOf(digest.toString());
    try (InputStream stream = Files.newInputStream(file(digest))) {
      byte[] bytes = stream.readNBytes(Document.MAX_BYTES + 1);
      if (bytes.length <= Document.MAX_BYTES) {
        RegistryRepository.requireDigest(digest.toString(), what, bytes);
      }
      return Document.of(mediaType, bytes);
    } catch (NoSuchFileException e) {
      throw new RegistryException.NotFound(what, "the layout is incomplete");
    }
  }

  @Override
  public InputStream openBlob(Descriptor blob) throws IOException {
    try {
      InputStream stream = Files.newInputStream(file(blob.digest()));
      return new VerifyingInputStream(stream, describe(blob), blob.digest(), blob.size());
    } catch (NoSuchFileException e) {
      throw missing(blob);
    }
  }

  @Override
  public RangeReader reader(Descriptor blob) {
    return (offset, length, sink) -> {
      Objects.checkFromIndexSize(offset, length, blob.size());
      ByteBuffer piece = ByteBuffer.allocate((int) Math.min(length, PIECE_BYTES));
      try (FileChannel channel = FileChannel.open(file(blob.digest()))) {
        for (long position = offset, end = offset + length; position < end; ) {
          piece.clear().limit((int) Math.min(piece.capacity(), end - position));
          int count = channel.read(piece, position);
          if (count < 0) {
            throw new EOFException(describe(blob) + ": the file ends at " + position);
          }
          position += count;
          sink.accept(piece.flip());
        }
      } catch (NoSuchFileException e) {
        throw missing(blob);
      }
    };
  }

  @Override
  public boolean hasBlob(Descriptor blob) throws IOException {
    Path file = file(blob.digest());
    return Files.isRegularFile(file) && Files.size(file) == blob.size();
  }

  @Override
  public void putBlob(Descriptor blob, Content content) throws IOException {
    if (hasBlob(blob)) {
      return;
    }
    try (InputStream bytes =
        new VerifyingInputStream(content.open(), describe(blob), blob.digest(), blob.size())) {
      write(file(blob.digest()), bytes);
    }
  }

  @Override
  public boolean mountBlob(Descriptor blob, ImageStore source) throws IOException {
    return hasBlob(blob);
  }

  @Override
  public void putManifest(Document document, String reference) throws IOException {
    Descriptor descriptor = document.descriptor();
    putBlob(descriptor, Content.of(document.bytes()));
    if (!ImageStore.isDigest(reference)) {
      tag(descriptor.withAnnotation(REF_NAME, reference), reference);
    }
  }

  private synchronized void tag(Descriptor descriptor, String tag) throws IOException {
    List<Descriptor> entries = new ArrayList<>(entries());
    entries.removeIf(entry -> tag.equals(entry.annotations().get(REF_NAME)));
    entries.add(descriptor);
    ObjectNode json = index().orElseGet(() -> Json.object().put("schemaVersion", 2));
    json.put("mediaType", MediaTypes.OCI_INDEX);
    json.set("manifests", Json.array(entries.stream().map(Descriptor::json).toList()));
    write(
        directory.resolve("oci-layout"),
        Content.of(VERSION.getBytes(StandardCharsets.UTF_8)).open());
    write(directory.resolve("index.json"), Content.of(Json.bytes(json)).open());
  }

  private List<Descriptor> entries() throws IOException {
    Optional<ObjectNode> index = index();
    return index.isPresent()
        ? Manifest.descriptors(index.get(), "manifests", Limits.MANIFESTS)
        : List.of();
  }

  private Optional<ObjectNode> index() throws IOException {
    try (InputStream stream = Files.newInputStream(directory.resolve("index.json"))) {
      byte[] bytes = stream.readNBytes(Document.MAX_BYTES);
      return Optional.of(Json.parseObject(bytes, directory.resolve("index.json").toString()));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  private static void write(Path file, InputStream bytes) throws IOException {
    Path parent = Objects.requireNonNull(file.getParent());
    Files.createDirectories(parent);
    Path temporary = Files.createTempFile(parent, ".writing-", "", READABLE);
    try {
      Files.copy(bytes, temporary, StandardCopyOption.REPLACE_EXISTING);
      try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
        channel.force(true);
      }
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  private Path file(Digest digest) {
    return directory.resolve("blobs").resolve("sha256").resolve(digest.hex());
  }

  private String describe(Descriptor blob) {
    return "blob " + nameOf(blob.digest().toString());
  }

  private RegistryException.NotFound missing(Descriptor blob) {
    return new RegistryException.NotFound(describe(blob), "the layout is incomplete");
  }

  @Override
  public String nameOf(String reference) {
    return "oci:" + directory + (ImageStore.isDigest(reference) ? "@" : ":") + reference;
  }
}
