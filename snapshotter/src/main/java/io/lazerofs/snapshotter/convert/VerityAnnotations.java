package io.lazerofs.snapshotter.convert;

import io.lazerofs.fetcher.registry.Descriptor;
import io.lazerofs.source.Digest;
import io.lazerofs.verity.VerityGeometry;
import io.lazerofs.verity.VerityRoot;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The annotations of a layer's descriptor that name its hash tree. They are called as containerd
 * wants those called that it hands to the snapshotter as labels.
 *
 * <pre>{@code
 * containerd.io/snapshot/lazerofs.verity.root-hash    64 hexadecimal digits, lower case
 * containerd.io/snapshot/lazerofs.verity.hash-offset  bytes, decimal: where the superblock is
 * }</pre>
 */
public final class VerityAnnotations {
  public static final String ROOT_HASH = "containerd.io/snapshot/lazerofs.verity.root-hash";
  public static final String HASH_OFFSET = "containerd.io/snapshot/lazerofs.verity.hash-offset";

  private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");

  /** No number of so many digits overflows. */
  private static final Pattern OFFSET = Pattern.compile("[1-9][0-9]{0,17}");

  /** What of a wrong value is repeated, characters. */
  private static final int SHOWN = 80;

  private VerityAnnotations() {}

  /** Returns a layer's descriptor with the annotations of its tree. */
  static Descriptor annotate(Descriptor layer, VerityRoot root) {
    return layer
        .withAnnotation(ROOT_HASH, root.hash().hex())
        .withAnnotation(HASH_OFFSET, Long.toString(root.hashOffset()));
  }

  /**
   * Returns the tree that annotations, or the labels made of them, name; empty when they have
   * neither of the two, or both without a value. Whether the tree fits the blob is not known here.
   *
   * @throws BadVerityAnnotationException when one is missing or is not of the form above
   */
  public static Optional<VerityRoot> read(Map<String, String> annotations)
      throws BadVerityAnnotationException {
    String hash = annotations.getOrDefault(ROOT_HASH, "");
    String offset = annotations.getOrDefault(HASH_OFFSET, "");
    if (hash.isEmpty() && offset.isEmpty()) {
      return Optional.empty();
    }
    if (!HASH.matcher(hash).matches()) {
      throw bad(ROOT_HASH, "64 hexadecimal digits", hash);
    }
    String expected = "a positive multiple of " + VerityGeometry.BLOCK_BYTES;
    if (!OFFSET.matcher(offset).matches()) {
      throw bad(HASH_OFFSET, expected, offset);
    }
    long bytes = Long.parseLong(offset);
    if (bytes % VerityGeometry.BLOCK_BYTES != 0) {
      throw bad(HASH_OFFSET, expected, offset);
    }
    return Optional.of(new VerityRoot(new Digest(hash), bytes));
  }

  /**
   * Returns the tree of a layer, or empty when it has none.
   *
   * @throws BadVerityAnnotationException as {@link #read} does, and when the layer does not end
   *     where the tree does
   */
  public static Optional<VerityRoot> of(Descriptor layer) throws BadVerityAnnotationException {
    Optional<VerityRoot> root = read(layer.annotations());
    if (root.isPresent() && root.get().geometry().end() != layer.size()) {
      throw bad(
          HASH_OFFSET,
          "where a tree begins that ends with the layer, at " + layer.size(),
          Long.toString(root.get().hashOffset()));
    }
    return root;
  }

  private static BadVerityAnnotationException bad(String name, String expected, String actual) {
    String printable = actual.replaceAll("[^ -~]", "?");
    return new BadVerityAnnotationException(
        name,
        expected,
        printable.length() <= SHOWN ? printable : printable.substring(0, SHOWN) + "…");
  }
}
