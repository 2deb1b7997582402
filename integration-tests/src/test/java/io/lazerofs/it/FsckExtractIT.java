package io.lazerofs.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lazerofs.erofs.check.CheckSummary;
import io.lazerofs.erofs.check.Fault;
import io.lazerofs.erofs.check.ImageCheck;
import io.lazerofs.erofs.extract.Extraction;
import io.lazerofs.files.FileStatus;
import io.lazerofs.files.OpenDirectory;
import io.lazerofs.snapshotter.standalone.ImageFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every conformance image, extracted, is the tree that it was made from. */
final class FsckExtractIT {
  @TempDir Path temporary;

  /** An image of the index. */
  record Case(String name, List<String> devices, String listing) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Case> images() throws IOException {
    JsonNode index = new ObjectMapper().readTree(Images.resource("index.json").toFile());
    return StreamSupport.stream(index.spliterator(), false)
        .map(entry ->
            new Case(
                entry.get("name").textValue(),
                StreamSupport.stream(entry.get("devices").spliterator(), false)
                    .map(JsonNode::textValue)
                    .toList(),
                entry.get("listing").textValue()));
  }

  @ParameterizedTest
  @MethodSource("images")
  void extractedFilesAreThoseOfTheListing(Case image) throws IOException {
    Path tree = temporary.resolve("tree");
    List<Path> devices = new ArrayList<>();
    for (String device : image.devices) {
      devices.add(Images.unpackFile(device, temporary));
    }
    List<Fault> faults = new ArrayList<>();
    try (ImageFile file = ImageFile.open(Images.unpack(image.name, temporary), devices);
        Extraction extraction = Extraction.into(tree)) {
      CheckSummary summary =
          ImageCheck.check(file.primary(), file.devices(), extraction, faults::add, bytes -> {});
      assertThat(faults).isEmpty();
      assertThat(summary.clean()).isTrue();
      assertThat(extraction.shortfalls()).isEmpty();
    }
    Map<String, String> expected = ListedTree.listed(Images.resource(image.listing), image.name);
    Map<String, String> actual = ListedTree.found(tree);
    assertThat(actual.keySet()).isEqualTo(expected.keySet());
    expected.forEach((path, file) -> assertThat(actual.get(path)).as(path).isEqualTo(file));
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
