package io.lazerofs.erofs.disk;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** A prefix of xattr names that the format has a number for. */
public enum XattrPrefix {
  USER(1, "user."),
  POSIX_ACL_ACCESS(2, "system.posix_acl_access"),
  POSIX_ACL_DEFAULT(3, "system.posix_acl_default"),
  TRUSTED(4, "trusted."),
  LUSTRE(5, "lustre."),
  SECURITY(6, "security.");

  private static final XattrPrefix[] VALUES = values();

  private final int index;
  private final String text;

  XattrPrefix(int index, String text) {
    this.index = index;
    this.text = text;
  }

  /** Returns the number on disk. */
  public int index() {
    return index;
  }

  /** Returns the length of the prefix, bytes. */
  public int length() {
    return text.length();
  }

  /** Returns the prefix itself. */
  public byte[] bytes() {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /**
   * Whether {@code name} can be stored under this prefix: it begins with it and, for the prefixes
   * of ACLs, which are whole names, is it.
   */
  public boolean fits(byte[] name) {
    boolean whole = this == POSIX_ACL_ACCESS || this == POSIX_ACL_DEFAULT;
    if (whole ? name.length != length() : name.length < length()) {
      return false;
    }
    int at = 0;
    while (at < length() && name[at] == text.charAt(at)) {
      at++;
    }
    return at == length();
  }

  /** Returns the prefix with this number, or empty when there is none. */
  public static Optional<XattrPrefix> ofIndex(int index) {
    return index >= 1 && index <= VALUES.length ? Optional.of(VALUES[index - 1]) : Optional.empty();
  }

  /** Returns the prefix that a full name is stored under, or empty when none fits. */
  public static Optional<XattrPrefix> ofName(byte[] name) {
    for (XattrPrefix prefix : VALUES) {
      if (prefix.fits(name)) {
        return Optional.of(prefix);
      }
    }
    return Optional.empty();
  }
}
