import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.spi.ToolProvider;

/**
 * Runs google-java-format over every Java file below a directory, in a JVM of its own: the
 * formatter parses with the javac of the JVM that it runs in, and Maven's own may be too old for
 * this project's language level.
 *
 * <p>Usage: {@code java Format.java check|apply DIRECTORY}. Exits with 1 when {@code check} finds a
 * file that {@code apply} would change.
 */
final class Format {
  private Format() {}

  public static void main(String[] args) throws Exception {
    boolean apply = args[0].equals("apply");
    Path root = Path.of(args[1]);
    List<String> arguments =
        new ArrayList<>(
            apply ? List.of("--replace") : List.of("--dry-run", "--set-exit-if-changed"));
    try (var files = Files.walk(root)) {
      files
          .map(Path::toString)
          .filter(name -> name.endsWith(".java") && !name.contains("/target/"))
          .sorted()
          .forEach(arguments::add);
    }
    int status =
        ToolProvider.findFirst("google-java-format")
            .orElseThrow()
            .run(
                new PrintWriter(System.out, true),
                new PrintWriter(System.err, true),
                arguments.toArray(String[]::new));
    if (status != 0) {
      System.err.println("Not formatted (files above). Run: mvn -N -Pformat process-sources");
    }
    System.exit(status);
  }
}
