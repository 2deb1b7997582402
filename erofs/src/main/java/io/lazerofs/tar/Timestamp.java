package io.lazerofs.tar;

/**
 * A point in time, as stat(2) gives it.
 *
 * @param seconds since 1970, negative before
 * @param nanoseconds after {@code seconds}, 0 to 999,999,999
 */
public record Timestamp(long seconds, int nanoseconds) {

  /** The start of 1970. */
  public static final Timestamp EPOCH = new Timestamp(0, 0);

  private static final int DIGITS = 9;
  private static final int SECOND = 1_000_000_000;

  /**
   * Parses the decimal number of seconds of a pax record, such as {@code -12.5}. Digits after the
   * ninth are cut off towards the past, as GNU tar does.
   *
   * @throws NumberFormatException when the text is no such number
   */
  static Timestamp parse(String text) {
    boolean negative = text.startsWith("-");
    String number = negative ? text.substring(1) : text;
    int point = number.indexOf('.');
    String whole = point < 0 ? number : number.substring(0, point);
    String fraction = point < 0 ? "" : number.substring(point + 1);
    if (whole.isEmpty() || !digits(whole) || !digits(fraction)) {
      throw new NumberFormatException("not a time: " + text);
    }
    long seconds = Long.parseLong(whole);
    String kept = fraction.substring(0, Math.min(DIGITS, fraction.length()));
    int nanoseconds = Integer.parseInt(kept + "0".repeat(DIGITS - kept.length()));
    if (!negative) {
      return new Timestamp(seconds, nanoseconds);
    }
    if (fraction.length() > DIGITS && !fraction.substring(DIGITS).matches("0*")) {
      nanoseconds++;
    }
    return nanoseconds == 0
        ? new Timestamp(-seconds, 0)
        : new Timestamp(-seconds - 1, SECOND - nanoseconds);
  }

  private static boolean digits(String text) {
    return text.chars().allMatch(c -> c >= '0' && c <= '9');
  }
}
