import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;

/**
 * Makes what lazerofs's own image has besides jars: java ImageTree.java BIN JAR LIB OUT
 *
 * <pre>
 * OUT/tree/opt/lazerofs/bin/lazerofs    the start script
 *                      /runtime         a Java runtime of the modules that are needed (jlink)
 *                      /lazerofs.aot    that runtime's cache of loaded classes
 * OUT/rehearsal                         the jars as they will lie in the image, to make the cache
 * </pre>
 *
 * <p>The JVM takes a cache only for jars of the same names, order, sizes and times as it was made
 * with; where they lie may differ. Jib gives all files one time, and bin/lazerofs sorts them.
 */
final class ImageTree {
  /** What Jib gives files unless told otherwise. */
  private static final FileTime TIME = FileTime.from(Instant.ofEpochSecond(1));

  /**
   * What jdeps finds in the class path (java.desktop, for beans, and java.security.jgss, for
   * Kerberos, are optional to those who name them), and what is found at run time only: TLS with
   * elliptic curves, the zip file system, and what a JVM is looked into with.
   */
  private static final String MODULES =
      "java.base,java.logging,java.management,java.naming,java.sql,java.xml,jdk.crypto.ec,jdk.httpserver,jdk.jcmd,"
          + "jdk.jfr,jdk.management,jdk.unsupported,jdk.zipfs";

  private ImageTree() {}

  public static void main(String[] arguments) throws IOException, InterruptedException {
    Path script = Path.of(arguments[0]);
    Path jar = Path.of(arguments[1]);
    Path libraries = Path.of(arguments[2]);
    Path out = Path.of(arguments[3]);
    Path tree = out.resolve("tree/opt/lazerofs");
    delete(out);
    Files.createDirectories(tree.resolve("bin"));
    Files.copy(script, tree.resolve("bin/lazerofs"), StandardCopyOption.COPY_ATTRIBUTES);
    link(tree.resolve("runtime"));
    Files.setLastModifiedTime(tree.resolve("runtime/lib/modules"), TIME);
    List<Path> classPath = new ArrayList<>();
    Path jars = out.resolve("rehearsal");
    classPath.add(copy(jar, jars.resolve("classpath")));
    for (Path library : sorted(libraries)) {
      classPath.add(copy(library, jars.resolve("libs")));
    }
    rehearse(tree, classPath);
    delete(jars);
  }

  private static void link(Path runtime) {
    StringWriter said = new StringWriter();
    PrintWriter to = new PrintWriter(said);
    int status =
        ToolProvider.findFirst("jlink")
            .orElseThrow(() -> new IllegalStateException("this JDK has no jlink"))
            .run(
                to,
                to,
                "--add-modules",
                MODULES,
                "--strip-java-debug-attributes",
                "--no-header-files",
                "--no-man-pages",
                "--output",
                runtime.toString());
    if (status != 0) {
      throw new IllegalStateException("jlink: " + said);
    }
  }

  private static List<Path> sorted(Path directory) throws IOException {
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> jars = Files.newDirectoryStream(directory, "*.jar")) {
      jars.forEach(files::add);
    }
    files.sort(Comparator.comparing(file -> file.getFileName().toString()));
    return files;
  }

  private static Path copy(Path jar, Path directory) throws IOException {
    Files.createDirectories(directory);
    Path copy = Files.copy(jar, directory.resolve(jar.getFileName()));
    return Files.setLastModifiedTime(copy, TIME);
  }

  /** Has the image's own runtime pull a sample, as snapshotter/pom.xml has the build's do. */
  private static void rehearse(Path tree, List<Path> classPath)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(tree.resolve("runtime/bin/java").toString());
    command.add("-XX:AOTCacheOutput=" + tree.resolve("lazerofs.aot"));
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("-XX:+UseSerialGC");
    command.add("-cp");
    command.add(String.join(":", classPath.stream().map(Path::toString).toList()));
    command.add("io.lazerofs.snapshotter.rehearsal.Rehearsal");
    Path log = tree.resolveSibling("rehearsal.log");
    int status =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start()
            .waitFor();
    if (status != 0) {
      throw new IllegalStateException("the rehearsal failed: " + Files.readString(log));
    }
    Files.delete(log);
  }

  private static void delete(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
