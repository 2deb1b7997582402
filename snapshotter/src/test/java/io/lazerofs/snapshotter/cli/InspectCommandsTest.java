package io.lazerofs.snapshotter.cli;

import static io.lazerofs.snapshotter.cli.LazerofsTest.run;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lazerofs.snapshotter.cli.LazerofsTest.Result;
import io.lazerofs.snapshotter.mount.TinyImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code dump} and {@code fsck} on a root directory of 1234:5678 with the file "hello". */
class InspectCommandsTest {
  @TempDir Path directory;

  private static String image() {
    return TinyImage.file().toString();
  }

  private static JsonNode json(Result result) throws IOException {
    assertThat(result.status()).isZero();
    assertThat(result.out().lines()).hasSize(1);
    return new ObjectMapper().readTree(result.out());
  }

  @Test
  void dumpCountsWhatIsThere() throws IOException {
    JsonNode json = json(run("dump", "--json", image()));
    assertThat(json.at("/superblock/block_size").intValue()).isEqualTo(4096);
    assertThat(json.at("/superblock/blocks").intValue()).isEqualTo(2);
    assertThat(json.at("/inodes/regular").intValue()).isEqualTo(1);
    assertThat(json.at("/inodes/directory").intValue()).isEqualTo(1);
    assertThat(json.at("/layouts/flat_plain/inodes").intValue()).isPositive();
    assertThat(json.at("/storage/plain/stored_bytes").longValue()).isPositive();
    assertThat(json.at("/faults").intValue()).isZero();
    Result text = run("dump", image());
    assertThat(text.status()).isZero();
    assertThat(text.out()).contains("2 blocks of 4096 bytes").contains("flat_plain");
  }

  @Test
  void anImageWithAHashTreeIsWholeAndDumpTellsTheRootHash() throws IOException {
    Path source = Files.createDirectory(directory.resolve("source"));
    Files.writeString(source.resolve("file"), "content");
    String made = directory.resolve("made.erofs").toString();

    Result mkfs = run("mkfs", "--verity", made, source.toString());

    assertThat(mkfs.status()).as(mkfs.err()).isZero();
    JsonNode tree = json(run("dump", "--json", made)).at("/verity");
    assertThat(mkfs.out())
        .contains("root hash     " + tree.at("/root_hash").textValue() + "\n")
        .contains("hash offset   " + tree.at("/hash_offset").longValue() + "\n");
    assertThat(run("dump", made).out())
        .contains("hash tree     " + tree.at("/root_hash").textValue());
    assertThat(run("fsck", made).status()).isZero();
    assertThat(json(run("dump", "--json", image())).has("verity")).isFalse();
    try (var files = Files.list(directory)) {
      assertThat(files).containsExactlyInAnyOrder(source, Path.of(made));
    }
  }

  @Test
  void listingsAreThoseOfLs() throws IOException {
    JsonNode json = json(run("dump", "--json", "--ls", "/", image()));
    assertThat(json).hasSize(1);
    assertThat(json.at("/0/name").textValue()).isEqualTo("hello");
    assertThat(json.at("/0/uid").longValue()).isEqualTo(1234);
    assertThat(json.at("/0/gid").longValue()).isEqualTo(5678);
    assertThat(json.at("/0/mtime").textValue()).endsWith("Z").contains("T");
    Result text = run("dump", image(), "--ls", "hello");
    assertThat(text.out().lines()).singleElement().asString().contains(" -rw").endsWith(" hello");
  }

  @Test
  void contentIsWrittenOutAsItIs() {
    Result content = run("dump", image(), "--cat", "/hello");
    assertThat(content.status()).isZero();
    assertThat(content.out()).startsWith("hello");
  }

  @Test
  void extentsTellWhereContentIs() throws IOException {
    JsonNode json = json(run("dump", "--json", "--extents", "hello", image()));
    assertThat(json.at("/0/offset").longValue()).isZero();
    assertThat(json.at("/0/storage").textValue()).isIn("plain", "inline");
    assertThat(json.at("/0/device").intValue()).isZero();
    assertThat(json.at("/0/physical_offset").longValue()).isPositive();
  }

  @Test
  void whatIsNotThereIsNamed() {
    Result missing = run("dump", image(), "--cat", "/hello/there");
    assertThat(missing.status()).isEqualTo(1);
    assertThat(missing.err()).isEqualTo("lazerofs: /hello/there: not a directory\n");
    assertThat(run("dump", image(), "--ls", "x\\41").err()).contains("\\xNN");
    assertThat(run("dump", image(), "--cat", "/").err())
        .isEqualTo("lazerofs: /: it is a directory\n");
    assertThat(run("fsck", directory + "/missing").err()).contains("no such file or directory");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"dump", "fsck", "dump i --ls a --cat b", "dump --json --cat a i", "fsck a b"})
  void argumentsThatMakeNoSenseAreStatusTwo(String line) {
    Result result = run(line.split(" "));
    assertThat(result.status()).isEqualTo(2);
    assertThat(result.err().lines()).hasSize(1);
  }

  @Test
  void aCleanImageIsStatusZero() {
    Result result = run("fsck", image());
    assertThat(result.status()).isZero();
    assertThat(result.out()).contains(": clean; 2 inodes");
  }

  @Test
  void faultsAreLinesAndStatusOne() throws IOException {
    byte[] bytes = TinyImage.bytes();
    bytes[1024 + 64] ^= 1;
    Path bad = Files.write(directory.resolve("bad.erofs"), bytes);
    Result result = run("fsck", bad.toString());
    assertThat(result.status()).isEqualTo(1);
    assertThat(result.out().lines())
        .satisfiesExactly(
            fault ->
                assertThat(fault)
                    .startsWith("superblock: byte 1024: superblock checksum: expected 0x")
                    .contains(", found 0x"),
            summary -> assertThat(summary).contains("bad.erofs: 1 fault; 2 inodes"));
    assertThat(result.err()).isEmpty();
  }

  @Test
  void extractionNeedsAnEmptyDirectory() throws IOException {
    Path target = directory.resolve("out");
    Result first = run("fsck", image(), "--extract", target.toString());
    assertThat(target.resolve("hello")).hasContent("hello");
    assertThat(first.status()).isZero();
    Result second = run("fsck", image(), "--extract", target.toString());
    assertThat(second.status()).isEqualTo(1);
    assertThat(second.err()).isEqualTo("lazerofs: " + target + ": directory not empty\n");
  }
}
