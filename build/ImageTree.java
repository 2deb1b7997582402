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
 * </pre>
 *
 * <p>The JVM takes a cache for jars of the same names, order, sizes and times as it was made with.
 * They may lie elsewhere, but not those of sealed packages, of which it remembers the place. So the
 * cache is made in a mount namespace where all of it lies at /opt/lazerofs, as Jib will put it: as
 * root, or with user namespaces.
 */
final class ImageTree {
  /** Where it lies in the image. */
  private static final String HOME = "/opt/lazerofs";

  /** Runs a command where a tree, the first argument, lies at HOME. */
  private static final String IN_PLACE =
      "mount -t tmpfs none /opt && mkdir /opt/lazerofs && mount --bind \"$0\" /opt/lazerofs && exec"
          + " \"$@\"";

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
    List<String> classPath = new ArrayList<>();
    classPath.add(copy(jar, tree, "classpath"));
    for (Path library : sorted(libraries)) {
      classPath.add(copy(library, tree, "libs"));
    }
    rehearse(tree, classPath);
    delete(tree.resolve("classpath"));
    delete(tree.resolve("libs"));
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

  /** Copies a jar to where it will lie, and returns its place in the image. */
  private static String copy(Path jar, Path tree, String directory) throws IOException {
    Files.createDirectories(tree.resolve(directory));
    Path copy = Files.copy(jar, tree.resolve(directory).resolve(jar.getFileName()));
    Files.setLastModifiedTime(copy, TIME);
    return String.join("/", HOME, directory, jar.getFileName().toString());
  }

  /** Has the image's own runtime pull a sample, as snapshotter/pom.xml has the build's do. */
  private static void rehearse(Path tree, List<String> classPath)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("unshare", "--mount"));
    if (!System.getProperty("user.name").equals("root")) {
      command.add("--map-root-user");
    }
    command.addAll(List.of("sh", "-c", IN_PLACE, tree.toAbsolutePath().toString()));
    command.add(HOME + "/runtime/bin/java");
    command.add("-XX:AOTCacheOutput=" + HOME + "/lazerofs.aot");
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("-XX:+UseSerialGC");
    command.add("-cp");
    command.add(String.join(":", classPath));
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
