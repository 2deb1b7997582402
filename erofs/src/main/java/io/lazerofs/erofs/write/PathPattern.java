package io.lazerofs.erofs.write;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * A glob on the paths of files in an image.
 *
 * <p>{@code *}, {@code ?} and {@code [a-z]}, {@code [!a-z]} match within a name, {@code **} across
 * names; a backslash takes the meaning away from the character behind it. A pattern without a slash
 * is one for the file's name in any directory; a slash at the start means nothing.
 */
public final class PathPattern {
  private final String glob;
  private final Pattern pattern;

  private PathPattern(String glob, Pattern pattern) {
    this.glob = glob;
    this.pattern = pattern;
  }

  /**
   * Returns the pattern of a glob.
   *
   * @throws IllegalArgumentException when it is empty or a bracket is not closed
   */
  public static PathPattern of(String glob) {
    String path = glob.startsWith("/") ? glob.substring(1) : glob;
    if (path.isEmpty()) {
      throw new IllegalArgumentException("an empty pattern matches no file");
    }
    String anywhere = glob.contains("/") ? path : "**/" + path;
    try {
      return new PathPattern(glob, Pattern.compile(new Translation(anywhere).toRegex()));
    } catch (PatternSyntaxException | IndexOutOfBoundsException e) {
      throw new IllegalArgumentException("not a pattern for paths: " + glob, e);
    }
  }

  /**
   * Whether a file matches.
   *
   * @param path the names from the root on, one character a byte; taken for UTF-8
   */
  boolean matches(List<String> path) {
    byte[] bytes = String.join("/", path).getBytes(StandardCharsets.ISO_8859_1);
    return pattern.matcher(new String(bytes, StandardCharsets.UTF_8)).matches();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PathPattern that && glob.equals(that.glob);
  }

  @Override
  public int hashCode() {
    return glob.hashCode();
  }

  @Override
  public String toString() {
    return glob;
  }

  /** One translation of a glob into a regular expression; used once. */
  private static final class Translation {
    private final String glob;
    private final StringBuilder regex = new StringBuilder("(?s)");
    private int at;

    Translation(String glob) {
      this.glob = glob;
    }

    String toRegex() {
      while (at < glob.length()) {
        if (take("**/")) {
          regex.append("(?:[^/]+/)*");
        } else if (take("**")) {
          regex.append(".*");
        } else if (take("*")) {
          regex.append("[^/]*");
        } else if (take("?")) {
          regex.append("[^/]");
        } else if (take("[")) {
          bracket();
        } else {
          take("\\");
          literal(glob.charAt(at++));
        }
      }
      return regex.toString();
    }

    private void bracket() {
      regex.append(take("!") ? "[[^/]&&[^" : "[[^/]&&[");
      do {
        char c = glob.charAt(at++);
        if (c == '-') {
          regex.append('-');
        } else {
          literal(c);
        }
      } while (glob.charAt(at) != ']');
      at++;
      regex.append("]]");
    }

    private void literal(char c) {
      if (!Character.isLetterOrDigit(c) && c < 0x80) {
        regex.append('\\');
      }
      regex.append(c);
    }

    private boolean take(String token) {
      boolean there = glob.startsWith(token, at);
      at += there ? token.length() : 0;
      return there;
    }
  }
}
