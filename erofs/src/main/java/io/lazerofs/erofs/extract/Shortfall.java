package io.lazerofs.erofs.extract;

/**
 * Something that an extraction could not do as the image has it.
 *
 * @param kind what it was about
 * @param count how often
 * @param first what the system said the first time, with the file
 */
public record Shortfall(Kind kind, long count, String first) {

  /** What an extraction may fall short of. */
  public enum Kind {
    /** A file, directory or further name that is not there. */
    LEFT_OUT("left out"),
    OWNER("with another owner"),
    XATTR("extended attributes not set"),
    TIME("with another time"),
    MODE("with other permissions");

    private final String text;

    Kind(String text) {
      this.text = text;
    }

    /** Returns words to follow a number. */
    public String text() {
      return text;
    }
  }
}
