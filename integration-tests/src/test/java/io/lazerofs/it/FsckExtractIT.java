package io.lazerofs.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazerofs.erofs.check.CheckSummary;
import io.lazerofs.erofs.check.Fault;
import io.lazerofs.erofs.check.ImageCheck;
import io.lazerofs.erofs.disk.FileType;
import io.lazerofs.erofs.extract.Extraction;
import io.lazerofs.files.FileStatus;
import io.lazerofs.files.OpenDirectory;
import io.lazerofs.it.tree.Differences;
import io.lazerofs.it.tree.FileFacts;
import io.lazerofs.it.tree.MountedTree;
import io.lazerofs.snapshotter.standalone.ImageFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every conformance image, extracted, is the tree that it was made from. */
final class FsckExtractIT {
  @TempDir Path temporary;

  @ParameterizedTest
  @MethodSource("io.lazerofs.it.ListedFixture#all")
  void extractedFilesAreThoseOfTheListing(ListedFixture fixture) throws IOException {
    Path tree = temporary.resolve("tree");
    List<Path> devices = new ArrayList<>();
    for (String device : fixture.devices()) {
      devices.add(Images.unpackFile(device + ".gz", temporary));
    }
    List<Fault> faults = new ArrayList<>();
    try (ImageFile file = ImageFile.open(Images.unpack(fixture.name(), temporary), devices);
        Extraction extraction = Extraction.into(tree)) {
      CheckSummary summary =
          ImageCheck.check(file.primary(), file.devices(), extraction, faults::add, bytes -> {});
      assertThat(faults).isEmpty();
      assertThat(summary.clean()).isTrue();
      assertThat(extraction.shortfalls()).isEmpty();
    }
    SortedMap<String, FileFacts> expected = comparable(fixture.facts());
    SortedMap<String, FileFacts> actual = comparable(MountedTree.list(tree.toString()));
    assertThat(Differences.between(expected, actual)).isEmpty();
  }

  /** Leaves out what the file system of the extracted files has its own way with. */
  private static SortedMap<String, FileFacts> comparable(SortedMap<String, FileFacts> facts) {
    SortedMap<String, FileFacts> comparable = new TreeMap<>(facts);
    comparable.replaceAll((path, file) -> {
      FileFacts known = file.withoutFirst().withoutData();
      return file.type() == FileType.DIRECTORY ? known.withoutLinks() : known;
    });
    return comparable;
  }

  @ParameterizedTest
  @ValueSource(strings = {"chunk-4k", "chunk-dedupe"})
  void holesTakeNoRoomOnTheDisk(String name) throws IOException {
    Path tree = temporary.resolve("tree");
    extract(name, tree);
    try (OpenDirectory directory = OpenDirectory.open(tree.resolve("sparse"))) {
      FileStatus status = directory.status("holes".getBytes(StandardCharsets.US_ASCII));
      assertThat(status.size()).isEqualTo(1_000_003);
      assertThat(status.allocatedBytes()).isPositive().isLessThan(status.size() / 4);
    }
  }

  @Test
  void namesOfOneFileAreOneFile() throws IOException {
    Path tree = temporary.resolve("tree");
    extract("plain", tree);
    Path links = tree.resolve("links");
    assertThat(Files.isSameFile(links.resolve("hard-a"), links.resolve("hard-b"))).isTrue();
  }

  private void extract(String name, Path tree) throws IOException {
    try (ImageFile file = ImageFile.open(Images.unpack(name, temporary), List.of());
        Extraction extraction = Extraction.into(tree)) {
      ImageCheck.check(file.primary(), file.devices(), extraction, fault -> {}, bytes -> {});
    }
  }
}
