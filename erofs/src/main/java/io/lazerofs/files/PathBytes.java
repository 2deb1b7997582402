package io.lazerofs.files;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.file.Path;
import java.util.HexFormat;

/** A {@link Path} as the bytes that the kernel knows it by, which need not be text. */
final class PathBytes {
  private PathBytes() {}

  /** Returns the absolute path. */
  static byte[] of(Path path) {
    URI uri = path.toUri();
    String escaped = uri.getRawPath();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < escaped.length(); i++) {
      char c = escaped.charAt(i);
      if (c == '%') {
        bytes.write(HexFormat.fromHexDigits(escaped, i + 1, i + 3));
        i += 2;
      } else if (c != '/' || i == 0 || i + 1 < escaped.length()) {
        // The slash that an URI has behind a directory would follow a symbolic link.
        bytes.write(c);
      }
    }
    return bytes.toByteArray();
  }
}
