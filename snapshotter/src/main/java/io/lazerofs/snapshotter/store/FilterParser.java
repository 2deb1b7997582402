package io.lazerofs.snapshotter.store;

import io.lazerofs.snapshotter.store.SnapshotException.InvalidArgument;
import io.lazerofs.snapshotter.store.SnapshotFilter.Condition;
import io.lazerofs.snapshotter.store.SnapshotFilter.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * The parser of one filter.
 *
 * <pre>{@code
 * filter   = selector { "," selector }
 * selector = field [ operator value ]
 * field    = word { "." word }
 * word     = letters, digits and "_" | quoted
 * operator = "==" | "!=" | "~="
 * value    = anything up to "," or a space, not beginning with "/" or "|" | quoted
 *          | /quoted/ or |quoted|, after "~=" only
 * }</pre>
 */
final class FilterParser {
  private final String input;
  private int position;

  FilterParser(String input) {
    this.input = input;
  }

  List<Selector> selectors() throws InvalidArgument {
    List<Selector> selectors = new ArrayList<>();
    do {
      selectors.add(selector());
    } while (take(','));
    peek();
    if (position < input.length()) {
      throw error("unexpected '" + input.charAt(position) + "'");
    }
    return selectors;
  }

  /** Stands for the end of the input, where no filter has a character. */
  private static final char END = '\0';

  private Selector selector() throws InvalidArgument {
    List<String> field = new ArrayList<>();
    do {
      field.add(word());
    } while (take('.'));
    if (peek() == ',' || peek() == END) {
      return new Selector(field, new Condition.Present());
    }
    Condition condition =
        switch (operator()) {
          case "==" -> new Condition.Equal(value(false));
          case "!=" -> new Condition.NotEqual(value(false));
          case "~=" -> new Condition.Matches(pattern(value(true)));
          default -> throw error("expected one of ==, != and ~=");
        };
    return new Selector(field, condition);
  }

  /** Takes all that could be of an operator, so that "===" is not taken for "==". */
  private String operator() {
    peek();
    int start = position;
    while (position < input.length() && "=!~".indexOf(input.charAt(position)) >= 0) {
      position++;
    }
    return input.substring(start, position);
  }

  private String word() throws InvalidArgument {
    if (peek() == '"') {
      return quoted();
    }
    int start = position;
    while (position < input.length() && isWord(input.charAt(position))) {
      position++;
    }
    if (position == start) {
      throw error("expected a field");
    }
    return input.substring(start, position);
  }

  private String value(boolean expression) throws InvalidArgument {
    char first = peek();
    if (first == '"' || (expression && (first == '/' || first == '|'))) {
      return quoted();
    }
    if (first == '/' || first == '|') {
      throw error("only an expression is quoted with " + first);
    }
    int start = position;
    while (position < input.length()
        && input.charAt(position) != ','
        && !Character.isWhitespace(input.charAt(position))) {
      position++;
    }
    if (position == start) {
      throw error("expected a value");
    }
    return input.substring(start, position);
  }

  /** Takes a quoted text. In regular expressions, between "/" or "|", only the quote is escaped. */
  private String quoted() throws InvalidArgument {
    char quote = input.charAt(position++);
    StringBuilder text = new StringBuilder();
    while (position < input.length()) {
      char c = input.charAt(position++);
      if (c == quote) {
        return text.toString();
      }
      if (c == '\\' && position < input.length()) {
        char escaped = input.charAt(position++);
        if (escaped == quote) {
          text.append(escaped);
        } else if (quote == '"') {
          text.append(unescape(escaped));
        } else {
          text.append(c).append(escaped);
        }
      } else {
        text.append(c);
      }
    }
    throw error("a quote is not closed");
  }

  private char unescape(char escaped) throws InvalidArgument {
    return switch (escaped) {
      case '\\' -> '\\';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'x' -> hexadecimal(2);
      case 'u' -> hexadecimal(4);
      default -> throw error("unknown escape \\" + escaped);
    };
  }

  private char hexadecimal(int digits) throws InvalidArgument {
    int end = position + digits;
    if (end > input.length()) {
      throw error("an escape is cut off");
    }
    try {
      char c = (char) Integer.parseInt(input.substring(position, end), 16);
      position = end;
      return c;
    } catch (NumberFormatException e) {
      throw error("not hexadecimal: " + input.substring(position, end));
    }
  }

  private Pattern pattern(String expression) throws InvalidArgument {
    try {
      return Pattern.compile(expression);
    } catch (PatternSyntaxException e) {
      throw error("not a regular expression: " + e.getDescription());
    }
  }

  private boolean take(char c) {
    if (peek() == c) {
      position++;
      return true;
    }
    return false;
  }

  /** Skips spaces and returns the next character without taking it. */
  private char peek() {
    while (position < input.length() && Character.isWhitespace(input.charAt(position))) {
      position++;
    }
    return position < input.length() ? input.charAt(position) : END;
  }

  private static boolean isWord(char c) {
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }

  private InvalidArgument error(String what) {
    return new InvalidArgument("filter \"%s\", at %d: %s".formatted(input, position, what));
  }
}
