package io.lazerofs.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazerofs.it.stage.Finished;
import io.lazerofs.it.stage.OciImages;
import io.lazerofs.it.stage.Registry;
import io.lazerofs.it.stage.Stage;
import io.lazerofs.it.stage.TarLayer;
import io.lazerofs.source.Digest;
import io.lazerofs.verity.VerityRoot;
import io.lazerofs.verity.VeritySuperblock;
import io.lazerofs.verity.VerityTree;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Hash trees against cryptsetup's own, and those of converted layers in a registry. */
final class VeritysetupIT {
  private static final int BLOCK = 4096;
  private static final String ROOT_HASH = "containerd.io/snapshot/lazerofs.verity.root-hash";
  private static final String HASH_OFFSET = "containerd.io/snapshot/lazerofs.verity.hash-offset";
  private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  private static final ObjectMapper JSON = new ObjectMapper();

  /** How many bytes of a layer are changed, one after the other. */
  private static final int FLIPS = 12;

  @RegisterExtension static final Stage stage = new Stage();

  private static Registry registry;

  @BeforeAll
  static void start() throws IOException {
    registry = Registry.start(stage);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 127, 128, 129, 255, 256, 257, 1000, 16383, 16384, 16385, 20000})
  void aTreeIsByteForByteVeritysetups(int blocks) throws IOException, InterruptedException {
    Path ours = Files.createTempFile(stage.dir(), "ours", ".img");
    Path theirs = Files.createTempFile(stage.dir(), "theirs", ".img");
    byte[] data = new byte[blocks * BLOCK];
    new Random(blocks).nextBytes(data);
    Files.write(ours, data);
    Files.write(theirs, data);

    VerityRoot root = VerityTree.append(ours).root();

    VeritySuperblock superblock = superblock(ours, root);
    stage
        .run(
            "veritysetup",
            "format",
            theirs.toString(),
            theirs.toString(),
            "--data-blocks=" + blocks,
            "--hash-offset=" + data.length,
            "--salt=" + superblock.salt(),
            "--uuid=" + superblock.uuid())
        .ok();
    assertThat(Files.mismatch(ours, theirs)).isEqualTo(-1);
    assertThat(verify(ours, root).ok().status()).isZero();
    assertThat(verify(theirs, root).ok().status()).isZero();
    Files.delete(ours);
    Files.delete(theirs);
  }

  @Test
  void aConvertedLayerIsAcceptedMountedByTheKernelAndEveryChangeOfItIsFound()
      throws IOException, InterruptedException {
    byte[] content = new byte[700_000];
    new Random(7).nextBytes(content);
    Registry.Layer layer = convert("tree", new TarLayer().file("content", content).tar());
    VerityRoot root =
        new VerityRoot(
            new Digest(layer.annotations().getOrDefault(ROOT_HASH, "")),
            Long.parseLong(layer.annotations().getOrDefault(HASH_OFFSET, "")));
    Path blob = blob("tree", layer.digest());

    assertThat(root.geometry().end()).isEqualTo(Files.size(blob));
    assertThat(verify(blob, root).ok().status()).isZero();
    try (KernelMount mount = new KernelMount(blob)) {
      assertThat(mount.directory().resolve("content")).hasBinaryContent(content);
    }
    long seed = 41;
    Random random = new Random(seed);
    long tree = root.hashOffset() + BLOCK;
    for (int i = 0; i < FLIPS; i++) {
      long at =
          i % 2 == 0
              ? random.nextLong(root.hashOffset())
              : random.nextLong(tree, root.geometry().end());
      flip(blob, at);
      assertThat(verify(blob, root).status()).as("byte %d, seed %d", at, seed).isNotZero();
      flip(blob, at);
    }
    assertThat(verify(blob, root).ok().status()).isZero();
  }

  @Test
  void aMountThatRequiresATreeTakesNoLayerWithoutOne() throws IOException, InterruptedException {
    convert("strict", new TarLayer().file("f", "here").tar());
    String reference = registry.address() + "/strict";
    changeManifest("strict", "stripped", annotations -> annotations.removeAll());
    changeManifest("strict", "half", annotations -> annotations.remove(ROOT_HASH));
    Path point = Files.createDirectory(stage.dir().resolve("strict-point"));

    assertThat(mount("require", reference + ":stripped", point).failedWith(1))
        .contains("has no hash tree");
    assertThat(mount("when-possible", reference + ":half", point).failedWith(1))
        .contains(ROOT_HASH);
    assertThat(point).isEmptyDirectory();
    for (String how : new String[] {"require erofs", "when-possible stripped"}) {
      String[] words = how.split(" ", -1);
      mount(words[0], reference + ":" + words[1], point).ok();
      assertThat(point.resolve("f")).hasContent("here");
      stage.lazerofs("umount", "--root", home().toString(), point.toString()).ok();
    }
  }

  private static Finished mount(String verify, String reference, Path point)
      throws IOException, InterruptedException {
    return stage.lazerofs(
        "mount", "--root", home().toString(), "--verify", verify, reference, point.toString());
  }

  private static Path home() {
    return stage.dir().resolve("home");
  }

  /** Converts an image of one layer to the tag "erofs", and returns the new layer. */
  private static Registry.Layer convert(String name, byte[] tar)
      throws IOException, InterruptedException {
    registry.push(OciImages.layout(stage.dir().resolve(name), tar), name + ":plain");
    String reference = registry.address() + "/" + name;
    stage.convert(reference + ":plain", reference + ":erofs", "erofs").ok();
    return registry.layers(name + ":erofs").getFirst();
  }

  private static Path blob(String repository, Digest digest) throws IOException {
    Path file = Files.createTempFile(stage.dir(), "blob", ".erofs");
    try (InputStream in = uri(repository, "blobs/" + digest).toURL().openStream()) {
      Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
    }
    return file;
  }

  private static URI uri(String repository, String what) {
    return URI.create("http://%s/v2/%s/%s".formatted(registry.address(), repository, what));
  }

  /** How the annotations of a layer are changed. */
  private interface Change {
    void apply(ObjectNode annotations);
  }

  /** Puts the converted image under another tag, with other annotations of its layer. */
  private static void changeManifest(String repository, String tag, Change change)
      throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest get =
          HttpRequest.newBuilder(uri(repository, "manifests/erofs"))
              .header("Accept", MANIFEST)
              .build();
      var manifest = JSON.readTree(client.send(get, BodyHandlers.ofByteArray()).body());
      change.apply((ObjectNode) manifest.required("layers").required(0).required("annotations"));
      HttpRequest put =
          HttpRequest.newBuilder(uri(repository, "manifests/" + tag))
              .header("Content-Type", MANIFEST)
              .PUT(BodyPublishers.ofByteArray(JSON.writeValueAsBytes(manifest)))
              .build();
      assertThat(client.send(put, BodyHandlers.discarding()).statusCode()).isEqualTo(201);
    }
  }

  private static Finished verify(Path image, VerityRoot root)
      throws IOException, InterruptedException {
    return stage.run(
        "veritysetup",
        "verify",
        image.toString(),
        image.toString(),
        root.hash().hex(),
        "--hash-offset=" + root.hashOffset());
  }

  private static VeritySuperblock superblock(Path image, VerityRoot root) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "r")) {
      byte[] block = new byte[BLOCK];
      file.seek(root.hashOffset());
      file.readFully(block);
      return VeritySuperblock.decode(ByteBuffer.wrap(block), root.geometry().dataBlocks());
    }
  }

  private static void flip(Path image, long at) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      file.seek(at);
      int old = file.read();
      file.seek(at);
      file.write(old ^ 1);
    }
  }
}
