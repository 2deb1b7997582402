package io.lazerofs.it;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.lazerofs.sys.LibC;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import org.junit.jupiter.api.Test;

/** The directions between rooms, as the design draws them: snapshotter → fetcher → erofs. */
final class ArchitectureTest {
  private static final JavaClasses PROJECT =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.lazerofs");

  @Test
  void imagesAndTheirServingKnowNoNetwork() {
    noClasses()
        .that()
        .resideInAnyPackage(
            "io.lazerofs.erofs..",
            "io.lazerofs.source..",
            "io.lazerofs.files..",
            "io.lazerofs.fuse..",
            "io.lazerofs.layers..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io.lazerofs.fetcher..", "io.lazerofs.snapshotter..", "okhttp3..", "io.grpc..")
        .check(PROJECT);
  }

  @Test
  void theFetcherKnowsNoContainerd() {
    noClasses()
        .that()
        .resideInAPackage("io.lazerofs.fetcher..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io.lazerofs.snapshotter..", "io.lazerofs.fuse..", "io.lazerofs.erofs..", "io.grpc..")
        .check(PROJECT);
  }

  @Test
  void theProtocolKnowsNoFormat() {
    noClasses()
        .that()
        .resideInAPackage("io.lazerofs.fuse..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.lazerofs.erofs..", "io.lazerofs.layers..")
        .check(PROJECT);
  }

  @Test
  void theFormatKnowsNoProtocol() {
    noClasses()
        .that()
        .resideInAPackage("io.lazerofs.erofs..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.lazerofs.fuse..")
        .check(PROJECT);
  }

  @Test
  void nativeCodeIsLinkedInOnePackage() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.lazerofs.sys")
        .should()
        .dependOnClassesThat()
        .belongToAnyOf(Linker.class, SymbolLookup.class)
        .check(PROJECT);
  }

  @Test
  void nativeCallsAreMadeForFuseAndForFiles() {
    // The tests' own calls, of it.tree, are what the product's are compared with.
    noClasses()
        .that()
        .resideOutsideOfPackages(
            "io.lazerofs.sys", "io.lazerofs.fuse.sys", "io.lazerofs.files", "io.lazerofs.it.tree")
        .should()
        .dependOnClassesThat()
        .belongToAnyOf(LibC.class)
        .check(PROJECT);
  }

  @Test
  void foreignNativeLibrariesAreKnownInOnePackage() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.lazerofs.fuse.jnr")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("jnr..", "com.kenai.jffi..", "ru.serce.jnrfuse..")
        .check(PROJECT);
  }

  @Test
  void packagesFormNoCycle() {
    slices().matching("io.lazerofs.(**)").should().beFreeOfCycles().check(PROJECT);
  }
}
