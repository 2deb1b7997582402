package io.lazerofs.erofs.check;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The path of a file in an image, as the chain of its names; that of the root has none. */
public final class TreePath {

  /** The path of the root directory. */
  public static final TreePath ROOT = new TreePath(null, new byte[0]);

  /** The longest text, characters: trees may be deeper than anybody can read. */
  private static final int MAX_TEXT = 4096;

  private final @Nullable TreePath parent;
  private final byte[] name;

  private TreePath(@Nullable TreePath parent, byte[] name) {
    this.parent = parent;
    this.name = name;
  }

  /** Returns the path of a name in the directory that this path names. */
  public TreePath child(byte[] childName) {
    return new TreePath(this, childName);
  }

  /** Whether this is the path of the root. */
  public boolean isRoot() {
    return parent == null;
  }

  /** Returns the last name, raw bytes not to be written to; empty for the root. */
  public byte[] name() {
    return name;
  }

  /** Returns all names from the root on; none for the root itself. */
  public List<byte[]> names() {
    List<byte[]> names = new ArrayList<>();
    for (TreePath at = this; at.parent != null; at = at.parent) {
      names.add(at.name);
    }
    return names.reversed();
  }

  /**
   * Returns the path from "/" on, one character a byte (ISO 8859-1); only its end, after "...", if
   * it is longer than a path of the kernel's may be.
   */
  @Override
  public String toString() {
    if (parent == null) {
      return "/";
    }
    StringBuilder reversed = new StringBuilder();
    for (TreePath at = this; at.parent != null; at = at.parent) {
      if (reversed.length() + at.name.length + 1 > MAX_TEXT) {
        reversed.append("...");
        break;
      }
      reversed
          .append(new StringBuilder(new String(at.name, StandardCharsets.ISO_8859_1)).reverse())
          .append('/');
    }
    return reversed.reverse().toString();
  }
}
