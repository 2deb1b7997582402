package io.lazerofs.source;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * The name of a blob: the SHA-256 of its bytes, as {@code sha256:} and 64 lower-case hexadecimal
 * digits (OCI image specification, descriptor.md, "Digests").
 *
 * @param hex the 64 digits
 */
public record Digest(String hex) {
  private static final Pattern HEX = Pattern.compile("[0-9a-f]{64}");
  private static final String PREFIX = "sha256:";

  public Digest {
    if (!HEX.matcher(hex).matches()) {
      throw new IllegalArgumentException("not a SHA-256 in hexadecimal: " + hex);
    }
  }

  /**
   * Parses {@code sha256:…}.
   *
   * @throws IllegalArgumentException for any other form or algorithm
   */
  public static Digest parse(String text) {
    if (!text.startsWith(PREFIX)) {
      throw new IllegalArgumentException("not a sha256 digest: " + text);
    }
    return new Digest(text.substring(PREFIX.length()));
  }

  /** Returns the digest of {@code bytes}. */
  public static Digest of(byte[] bytes) {
    return ofRaw(sha256().digest(bytes));
  }

  /** Returns the digest whose 32 raw bytes a finished {@link MessageDigest} gave. */
  public static Digest ofRaw(byte[] raw) {
    return new Digest(HexFormat.of().formatHex(raw));
  }

  /** Returns a new SHA-256 to feed; every Java platform has it. */
  public static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public String toString() {
    return PREFIX + hex;
  }
}
