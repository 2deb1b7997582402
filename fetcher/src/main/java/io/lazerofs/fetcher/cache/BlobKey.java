package io.lazerofs.fetcher.cache;

import io.lazerofs.source.Digest;
import io.lazerofs.verity.VerityRoot;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a blob is filed under: all that a manifest says of its bytes. A manifest that gives a wrong
 * size or a wrong hash tree for a digest gets a blob of its own and spoils nobody else's.
 *
 * @param size in bytes
 * @param verity the hash tree that the blob ends with, by which each block is verified before it is
 *     present; empty when it has none
 */
public record BlobKey(Digest digest, long size, Optional<VerityRoot> verity) {
  private static final Pattern FILE_NAME =
      Pattern.compile(
          "(?<digest>[0-9a-f]{64})\\.(?<size>[0-9]{1,18})"
              + "(\\.(?<root>[0-9a-f]{64})\\.(?<offset>[0-9]{1,18}))?");

  /** Checks that the tree, if there is one, is all that the blob holds but for its data. */
  public BlobKey {
    if (size < 0) {
      throw new IllegalArgumentException("size " + size);
    }
    if (verity.isPresent() && verity.get().geometry().end() != size) {
      throw new IllegalArgumentException(
          "blob %s: a hash tree at %d ends at %d, and the blob at %d"
              .formatted(digest, verity.get().hashOffset(), verity.get().geometry().end(), size));
    }
  }

  /** Makes the key of a blob without a hash tree. */
  public BlobKey(Digest digest, long size) {
    this(digest, size, Optional.empty());
  }

  /** Returns the first part of the blob's file names. */
  String fileName() {
    return digest.hex()
        + "."
        + size
        + verity.map(root -> "." + root.hash().hex() + "." + root.hashOffset()).orElse("");
  }

  /** Returns the key whose {@link #fileName} a name is, or empty when no key has it. */
  static Optional<BlobKey> parse(String name) {
    Matcher matcher = FILE_NAME.matcher(name);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    try {
      Optional<VerityRoot> verity =
          Optional.ofNullable(matcher.group("root"))
              .map(root ->
                  new VerityRoot(new Digest(root), Long.parseLong(matcher.group("offset"))));
      return Optional.of(
          new BlobKey(
              new Digest(matcher.group("digest")), Long.parseLong(matcher.group("size")), verity));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  @Override
  public String toString() {
    return digest + " (" + size + " bytes)";
  }
}
