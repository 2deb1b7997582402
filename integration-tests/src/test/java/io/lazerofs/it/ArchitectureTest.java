package io.lazerofs.it;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;

/** The directions between rooms, as the design draws them: snapshotter → fetcher → erofs. */
@AnalyzeClasses(
    packages = "io.lazerofs",
    importOptions = {ImportOption.DoNotIncludeTests.class})
final class ArchitectureTest {
  @ArchTest
  static final ArchRule imagesAndTheirServingKnowNoNetwork =
      noClasses()
          .that()
          .resideInAnyPackage(
              "io.lazerofs.erofs..",
              "io.lazerofs.source..",
              "io.lazerofs.fuse..",
              "io.lazerofs.layers..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.lazerofs.fetcher..", "io.lazerofs.snapshotter..", "okhttp3..", "io.grpc..");

  @ArchTest
  static final ArchRule theFetcherKnowsNoContainerd =
      noClasses()
          .that()
          .resideInAPackage("io.lazerofs.fetcher..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.lazerofs.snapshotter..",
              "io.lazerofs.fuse..",
              "io.lazerofs.erofs..",
              "io.grpc..");

  @ArchTest
  static final ArchRule theProtocolKnowsNoFormat =
      noClasses()
          .that()
          .resideInAPackage("io.lazerofs.fuse..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.lazerofs.erofs..", "io.lazerofs.layers..");

  @ArchTest
  static final ArchRule theFormatKnowsNoProtocol =
      noClasses()
          .that()
          .resideInAPackage("io.lazerofs.erofs..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.lazerofs.fuse..");

  @ArchTest
  static final ArchRule nativeCallsAreMadeInOnePackage =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.lazerofs.fuse.sys")
          .should()
          .dependOnClassesThat()
          .belongToAnyOf(Linker.class, SymbolLookup.class);

  @ArchTest
  static final ArchRule packagesFormNoCycle =
      slices().matching("io.lazerofs.(**)").should().beFreeOfCycles();
}
