package io.lazerofs.snapshotter.rehearsal;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.MethodModel;
import java.lang.classfile.MethodTransform;
import java.lang.constant.ClassDesc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Enumeration;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Jars with classes for Java 5, rewritten so that the JVM's ahead-of-time cache takes them.
 *
 * <p>The cache holds classes that are verified already, and class files below version 50 are
 * verified by inference each time that they are loaded, not by stack maps (Java Virtual Machine
 * Specification, 4.10.2). Every command would spend 0.1 s on that for its command line alone. What
 * the classes do stays the same; they get stack maps and the version 52.
 */
public final class OldClasses {
  private static final int FIRST_VERSION_WITH_STACK_MAPS = 50;
  private static final ClassFileVersion JAVA_8 = ClassFileVersion.of(ClassFile.JAVA_8_VERSION, 0);

  private OldClasses() {}

  /**
   * Rewrites jars in their place.
   *
   * @param arguments the jars
   */
  public static void main(String[] arguments) throws IOException {
    for (String jar : arguments) {
      rewrite(Path.of(jar));
    }
  }

  private static void rewrite(Path jar) throws IOException {
    Path rewritten = jar.resolveSibling(jar.getFileName() + ".new");
    try (JarFile source = new JarFile(jar.toFile());
        OutputStream file = Files.newOutputStream(rewritten);
        JarOutputStream target = new JarOutputStream(file)) {
      ClassFile classFile =
          ClassFile.of(
              ClassFile.StackMapsOption.GENERATE_STACK_MAPS,
              ClassFile.ClassHierarchyResolverOption.of(
                  ClassHierarchyResolver.ofResourceParsing(name -> classIn(source, name))
                      .orElse(ClassHierarchyResolver.defaultResolver())));
      Enumeration<JarEntry> entries = source.entries();
      while (entries.hasMoreElements()) {
        JarEntry entry = entries.nextElement();
        byte[] content = source.getInputStream(entry).readAllBytes();
        JarEntry copy = new JarEntry(entry.getName());
        // The cache fits a jar by its length and time; what is built twice is to be the same.
        copy.setTimeLocal(entry.getTimeLocal());
        target.putNextEntry(copy);
        target.write(entry.getName().endsWith(".class") ? raise(classFile, content) : content);
        target.closeEntry();
      }
    }
    Files.move(rewritten, jar, StandardCopyOption.REPLACE_EXISTING);
  }

  private static @Nullable InputStream classIn(JarFile jar, ClassDesc name) {
    String descriptor = name.descriptorString();
    JarEntry entry = jar.getJarEntry(descriptor.substring(1, descriptor.length() - 1) + ".class");
    try {
      return entry == null
          ? null
          : new ByteArrayInputStream(jar.getInputStream(entry).readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] raise(ClassFile classFile, byte[] content) {
    ClassModel model = classFile.parse(content);
    if (model.majorVersion() >= FIRST_VERSION_WITH_STACK_MAPS) {
      return content;
    }
    // Copied element by element, code is assembled anew, and its stack maps with it.
    MethodTransform assembleCode =
        MethodTransform.transformingCode((code, element) -> code.with(element));
    ClassTransform raised =
        (target, element) -> {
          switch (element) {
            case ClassFileVersion _ -> target.with(JAVA_8);
            case MethodModel method -> target.transformMethod(method, assembleCode);
            default -> target.with(element);
          }
        };
    return classFile.transformClass(model, raised);
  }
}
