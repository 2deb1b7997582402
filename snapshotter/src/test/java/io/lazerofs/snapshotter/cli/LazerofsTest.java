package io.lazerofs.snapshotter.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazerofs.fetcher.registry.ImageStore;
import io.lazerofs.fetcher.registry.MediaTypes;
import io.lazerofs.source.Digest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LazerofsTest {
  @TempDir Path directory;

  record Result(int status, String out, String err) {}

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "frobnicate",
        "mkfs",
        "mkfs a",
        "mkfs a b --compress brotli",
        "mkfs a b --compress lz4hc:99",
        "mkfs a b --pcluster 64K",
        "mkfs a b --compress zstd --pcluster 5000",
        "mkfs a b --compress zstd --pcluster 2M",
        "mkfs a b --compress zstd --chunk 64K",
        "mkfs a b --chunk 12K",
        "mkfs a b --chunk 2048",
        "mkfs a b --chunk 32M --dedupe",
        "mkfs a b --block-size 1000",
        "mkfs a b --block-size 256",
        "mkfs a b --block-size 128K",
        "mkfs a b --block-size 4T",
        "mkfs a b --direct [",
        "convert a b --pcluster 64K",
        "mount",
        "mount a b --foreground --direct-io strict",
        "mount a b --foreground --direct-io alignment=512",
        "mount a b --foreground --direct-io aligment=strict",
        "mount a b --foreground --verify maybe",
        "umount",
        "convert a",
        "convert a b --layer-media-type tar",
        "convert a b --platform linux",
        "pull",
        "pull a --colour",
        "snapshotter",
        "status --address a --config b",
        "config",
        "config containerd --version 1.5",
        "config containerd --version two",
        "trace",
        "trace a --platform linux",
        "trace a --address s --config c",
        "optimize",
        "optimize a --json",
        "optimize a --trace"
      })
  void argumentsThatMakeNoSenseAreStatusTwoAndOneLine(String line) {
    Result result = run(line.isEmpty() ? new String[0] : line.split(" "));

    assertThat(result.status()).isEqualTo(2);
    assertThat(result.err().lines())
        .singleElement()
        .asString()
        .startsWith("lazerofs: ")
        .contains("--help");
    assertThat(result.out()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mkfs",
        "dump",
        "fsck",
        "mount",
        "umount",
        "convert",
        "snapshotter",
        "pull",
        "status",
        "config",
        "trace",
        "optimize"
      })
  void everyCommandHasHelpAndAVersion(String command) {
    assertThat(run(command, "--help").out()).contains("Usage: lazerofs " + command);
    assertThat(run(command, "--version").out()).startsWith("lazerofs ");
  }

  @Test
  void containerdIsToldTheSocketAndTheRootOfAConfiguration() throws Exception {
    Path file =
        Files.writeString(
            directory.resolve("l.toml"), "root = \"/srv/lazy\"\naddress = \"/run/lazy.sock\"\n");
    Result result =
        run("config", "containerd", "--version", "2.1", "--config", file.toString(), "--name", "z");

    assertThat(result.status()).isZero();
    assertThat(result.out())
        .startsWith("version = 3\n")
        .contains("[proxy_plugins.z]", "\"/run/lazy.sock\"", "root = \"/srv/lazy\"");
    assertThat(result.err()).isEmpty();
  }

  @Test
  void aConfigurationOfContainerdIsCheckedLineByLine() throws Exception {
    Path file =
        Files.writeString(
            directory.resolve("c.toml"), run("config", "containerd", "--version", "1.7").out());
    String[] words = {"config", "containerd", "--version", "1.7", "--check", file.toString()};
    assertThat(run(words))
        .isEqualTo(
            new Result(0, file + ": has all that containerd 1.7 needs for lazy pulls\n", ""));

    Files.writeString(file, Files.readString(file).replace("= false", "= true"));
    Result lacking = run(words);
    assertThat(lacking.status()).isEqualTo(1);
    assertThat(lacking.out().lines())
        .singleElement()
        .asString()
        .startsWith(file + ":12: ")
        .contains("disable_snapshot_annotations is true, and has to be false");
  }

  @Test
  void aFailureIsStatusOneAndOneLineThatNamesTheFile() {
    Result result =
        run("mkfs", directory.resolve("o.erofs").toString(), directory + "/missing.tar");

    assertThat(result.status()).isEqualTo(1);
    assertThat(result.err())
        .isEqualToIgnoringNewLines(
            "lazerofs: " + directory + "/missing.tar: no such file or directory");
  }

  @Test
  void mkfsTakesADirectoryAsItIs() throws Exception {
    Path source = Files.createDirectory(directory.resolve("source"));
    Files.writeString(source.resolve(".wh.file"), "content");
    Path image = directory.resolve("o.erofs");

    Result result = run("mkfs", image.toString(), source.toString());

    assertThat(result.err()).isEmpty();
    assertThat(result.status()).isZero();
    assertThat(result.out()).startsWith(image + ": 2 files, ");
    assertThat(Files.readString(image, StandardCharsets.ISO_8859_1)).contains(".wh.file");
  }

  @Test
  void aFailureShowsItsStackWhenAskedTo() {
    Result result =
        run("-v", "mkfs", directory.resolve("o.erofs").toString(), directory + "/missing.tar");

    assertThat(result.err()).contains("at io.lazerofs").contains("lazerofs: " + directory);
  }

  @Test
  void anArchiveThatEndsEarlyLeavesNoImage() throws Exception {
    Path tar = Files.write(directory.resolve("short.tar"), new byte[700]);
    Files.write(tar, "not a header".getBytes(StandardCharsets.US_ASCII));
    Path image = directory.resolve("o.erofs");

    Result result = run("mkfs", image.toString(), tar.toString());

    assertThat(result.status()).isEqualTo(1);
    assertThat(result.err().lines()).singleElement().asString().contains("short.tar");
    assertThat(image).doesNotExist();
  }

  @Test
  void nothingMountedIsSaid() {
    Result result =
        run("umount", "--root", directory.resolve("root").toString(), directory.toString());

    assertThat(result.status()).isEqualTo(1);
    assertThat(result.err()).contains("lazerofs has mounted nothing there");
  }

  @Test
  void containerdThatIsNotThereIsNamed() {
    Result result = run("pull", "localhost:1/a", "--containerd", directory + "/containerd.sock");

    assertThat(result.status()).isEqualTo(1);
    assertThat(result.err().lines())
        .singleElement()
        .asString()
        .contains(directory + "/containerd.sock");
  }

  @ParameterizedTest
  @ValueSource(strings = {"trace", "optimize"})
  void whatATraceIsAskedOfIsNamedWhenItIsNotThere(String command) {
    Result result = run(command, "localhost:1/a", "--address", directory + "/s");

    assertThat(result.status()).isEqualTo(1);
    assertThat(result.err().lines()).singleElement().asString().contains("localhost:1");
  }

  @Test
  void anImageOfALayoutHasNoPlaceForATrace() throws Exception {
    String image = layout(1);

    Result result = run("optimize", image);

    assertThat(result.status()).isEqualTo(1);
    assertThat(result.err()).contains(image + ": is in no registry");
  }

  @Test
  void anImageOfMoreLayersThanCanBeMountedIsRefusedInASentence() throws Exception {
    Result result = run("convert", layout(501), "oci:" + directory.resolve("converted") + ":1");

    assertThat(result.status()).isEqualTo(1);
    assertThat(result.err().lines())
        .singleElement()
        .asString()
        .contains("has 501 layers, and no more than 500 can be mounted");
  }

  /** Makes an OCI layout of an image whose blobs are missing, and returns its name. */
  private String layout(int layers) throws IOException {
    String blob = ImageStore.describe("x", new byte[1]).json().toString();
    byte[] manifest =
        "{\"schemaVersion\":2,\"config\":%s,\"layers\":[%s]}"
            .formatted(blob, String.join(",", Collections.nCopies(layers, blob)))
            .getBytes(StandardCharsets.UTF_8);
    Path blobs = Files.createDirectories(directory.resolve("blobs/sha256"));
    Files.write(blobs.resolve(Digest.of(manifest).hex()), manifest);
    Files.writeString(directory.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
    Files.writeString(
        directory.resolve("index.json"),
        "{\"schemaVersion\":2,\"manifests\":[%s]}"
            .formatted(
                ImageStore.describe(MediaTypes.OCI_MANIFEST, manifest)
                    .withAnnotation("org.opencontainers.image.ref.name", "1")
                    .json()));
    return "oci:" + directory + ":1";
  }

  @Test
  void stateIsKeptWhereItBelongs() {
    assertThat(RootOption.byDefault("root", Map.of("HOME", "/root")))
        .isEqualTo(Path.of("/var/lib/lazerofs"));
    assertThat(RootOption.byDefault("eva", Map.of("HOME", "/home/eva")))
        .isEqualTo(Path.of("/home/eva/.local/state/lazerofs"));
    assertThat(RootOption.byDefault("eva", Map.of("XDG_STATE_HOME", "/data")))
        .isEqualTo(Path.of("/data/lazerofs"));
  }

  /** Runs one command in this process. */
  static Result run(String... arguments) {
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream toOut = new ByteArrayOutputStream();
    ByteArrayOutputStream toErr = new ByteArrayOutputStream();
    try {
      System.setOut(new PrintStream(toOut, true, StandardCharsets.UTF_8));
      System.setErr(new PrintStream(toErr, true, StandardCharsets.UTF_8));
      int status = Lazerofs.run(arguments);
      return new Result(
          status, toOut.toString(StandardCharsets.UTF_8), toErr.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }
}
