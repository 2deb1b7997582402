package io.lazerofs.snapshotter.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class OldClassesTest {
  private static final int CLASS_FILE_VERSION_OFFSET = 6;

  @TempDir private Path directory;
  private Path original;
  private Path jar;

  @BeforeEach
  void copyAJarOfOldClasses() throws Exception {
    original =
        Path.of(CommandLine.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    jar = Files.copy(original, directory.resolve("old.jar"));
  }

  @Test
  void everyClassHasStackMapsAndTheJvmVerifiesItByThem() throws Exception {
    assertThat(versions(jar)).as("the jar is the one that needs it").contains(49);

    OldClasses.main(new String[] {jar.toString()});

    assertThat(versions(jar)).allMatch(version -> version >= 50);
    try (var loader =
        new URLClassLoader(new URL[] {jar.toUri().toURL()}, ClassLoader.getPlatformClassLoader())) {
      for (String name : classes(jar)) {
        assertThat(Class.forName(name, true, loader).getClassLoader()).isSameAs(loader);
      }
    }
  }

  @Test
  void theRestOfTheJarStaysAndASecondTimeChangesNothing() throws IOException {
    OldClasses.main(new String[] {jar.toString()});
    byte[] once = Files.readAllBytes(jar);
    assertThat(names(jar)).isEqualTo(names(original));

    OldClasses.main(new String[] {jar.toString()});

    assertThat(Files.readAllBytes(jar)).isEqualTo(once);
  }

  private static List<String> names(Path jar) throws IOException {
    try (JarFile file = new JarFile(jar.toFile())) {
      return file.stream().map(JarEntry::getName).toList();
    }
  }

  private static List<String> classes(Path jar) throws IOException {
    return names(jar).stream()
        .filter(name -> name.endsWith(".class") && !name.endsWith("module-info.class"))
        .map(name -> name.substring(0, name.length() - ".class".length()).replace('/', '.'))
        .toList();
  }

  private static List<Integer> versions(Path jar) throws IOException {
    try (JarFile file = new JarFile(jar.toFile())) {
      List<Integer> versions = new ArrayList<>();
      for (JarEntry entry : file.stream().filter(e -> e.getName().endsWith(".class")).toList()) {
        try (var content = new DataInputStream(file.getInputStream(entry))) {
          content.skipNBytes(CLASS_FILE_VERSION_OFFSET);
          versions.add((int) content.readShort());
        }
      }
      return versions;
    }
  }
}
